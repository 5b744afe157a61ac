/* Threads: a target or a context that is changed while it is called, and a fork during this. */
#include <pthread.h>

#include "check.h"

static volatile int done;
static long values[2] = {0x1111, 0x2222};
static void *tramp;

long example_handler(void *context, long argument) { return *(volatile long *)context + argument; }
static long first(long argument, void *context) { return *(volatile long *)context + argument; }
static long second(long argument, void *context) { return *(volatile long *)context - argument; }

typedef long call(long);

static void *calls(void *unused) {
    call *function = (call *)ffi_tramp_get_addr(tramp);
    long seen[2] = {0, 0};
    while (!done) {
        long value = function(1) - 1;
        CHECK(value == values[0] || value == values[1]);
        seen[value == values[1]]++;
    }
    return (void *)(intptr_t)(seen[0] + seen[1]);
    (void)unused;
}

static void *calls_either(void *unused) {
    call *function = (call *)ffi_tramp_get_addr(tramp);
    while (!done) {
        long value = function(1) - values[0];
        CHECK(value == 1 || value == -1);
    }
    return unused;
}

static void *churns(void *unused) {
    void *live[100] = {0};
    uint64_t random = (uintptr_t)&live | 1;
    while (!done) {
        size_t index = next_random(&random) % 100;
        ffi_tramp_free(live[index]);
        CHECK((live[index] = ffi_tramp_alloc(0)) != NULL);
        CHECK(ffi_tramp_set_parms(live[index], (void *)example_target, &values[index & 1]) == 1);
        CHECK(((call *)ffi_tramp_get_addr(live[index]))(1) == values[index & 1] + 1);
    }
    for (int i = 0; i < 100; i++) ffi_tramp_free(live[i]);
    return unused;
}

static void with_threads(void *(*function)(void *), int rounds, void (*act)(int)) {
    pthread_t threads[2];
    done = 0;
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, function, NULL) == 0);
    for (int round = 0; round < rounds; round++) act(round);
    done = 1;
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

static void set_context(int round) { CHECK(ffi_tramp_set_parms(tramp, (void *)example_target, &values[round & 1]) == 1); }
static void set_target(int round) { CHECK(tramp_bind(tramp, (tramp_function)(round & 1 ? second : first), &values[0])); }

/* W7: other threads work while one forks. The child allocates at once. */
static void forks(int round) {
    (void)round;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(100);
        for (int i = 0; i < 2000; i++) {
            void *own = ffi_tramp_alloc(0);
            if (!own || !ffi_tramp_set_parms(own, (void *)example_target, &values[1])) _exit(2);
            if (((call *)ffi_tramp_get_addr(own))(1) != values[1] + 1) _exit(3);
            if (i & 1) ffi_tramp_free(own);
        }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
    CHECK((tramp = ffi_tramp_alloc(0)) != NULL);
    set_context(0);
    with_threads(calls, 200000, set_context);
    ffi_tramp_free(tramp);

    CHECK((tramp = tramp_alloc_arguments(1, 0)) != NULL);
    set_target(0);
    with_threads(calls_either, 200000, set_target);
    ffi_tramp_free(tramp);

    with_threads(churns, 50, forks);
    return 0;
}
