/*
 * C functions that call back once, often, two callbacks in turn, and from threads of their own.
 */
#include <pthread.h>
#include <stdint.h>

/* The results' sum; `*returned` is set if the end is reached in order. */
int32_t callbacks_each(int32_t count, int32_t (*visit)(int32_t), int32_t *returned) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += visit(i);
    }
    *returned = 1;
    return sum;
}

/* The same by another name: declared to unwind, where the one above is declared not to. */
int32_t callbacks_each_unwind(int32_t count, int32_t (*visit)(int32_t), int32_t *returned) {
    return callbacks_each(count, visit, returned);
}

/* Each `count` times, in turn: the sums of their results. */
void callbacks_in_turn(int32_t count, int32_t (*first)(int32_t), int32_t (*second)(int32_t), int32_t sums[2]) {
    for (int32_t i = 0; i < count; i++) {
        sums[0] += first(i);
        sums[1] += second(i);
    }
}

struct thread {
    pthread_t id;
    int32_t count;
    int32_t (*visit)(int32_t);
    int32_t sum;
};

static void *run(void *argument) {
    struct thread *thread = argument;
    for (int32_t i = 0; i < thread->count; i++) {
        thread->sum += thread->visit(i);
    }
    return NULL;
}

/* `count` calls on each of `threads` threads, at once; they have ended when this returns. -1 if a thread cannot be started. */
int32_t callbacks_on_threads(int32_t threads, int32_t count, int32_t (*visit)(int32_t)) {
    struct thread all[16];
    if (threads > 16) {
        return -1;
    }
    for (int32_t i = 0; i < threads; i++) {
        all[i] = (struct thread){.count = count, .visit = visit};
        if (pthread_create(&all[i].id, NULL, run, &all[i]) != 0) {
            return -1;
        }
    }
    int32_t sum = 0;
    for (int32_t i = 0; i < threads; i++) {
        pthread_join(all[i].id, NULL);
        sum += all[i].sum;
    }
    return sum;
}

/* A registered callback, and one call of it. */
static int32_t (*registered)(int32_t);

void callbacks_register(int32_t (*callback)(int32_t)) {
    registered = callback;
}

int32_t callbacks_notify(int32_t argument) {
    return registered(argument);
}
