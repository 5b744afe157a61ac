/*
 * C functions that keep a callback, for as long as each kind does: with user data in every place, and without.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* --- with user data, for the call --- */

int64_t scopes_sum_first(int32_t (*visit)(void *data, int32_t n), void *data, int32_t count) {
    int64_t sum = 0;
    for (int32_t n = 0; n < count; n++) {
        sum += visit(data, n);
    }
    return sum;
}

int64_t scopes_sum_amid(void *data, int32_t count, int32_t (*visit)(int32_t n, void *data, double half)) {
    int64_t sum = 0;
    for (int32_t n = 0; n < count; n++) {
        sum += visit(n, data, n / 2.0);
    }
    return sum;
}

/* Either may be NULL. */
int64_t scopes_sum_two(int32_t (*even)(int32_t n, void *data), void *even_data, int32_t count,
                       int32_t (*odd)(int32_t n, void *data), void *odd_data) {
    int64_t sum = 0;
    for (int32_t n = 0; n < count; n++) {
        if (n % 2 == 0) {
            sum += even != NULL ? even(n, even_data) : 1000 + (even_data == NULL);
        } else {
            sum += odd != NULL ? odd(n, odd_data) : 1000 + (odd_data == NULL);
        }
    }
    return sum;
}

struct large {
    int64_t words[9];
};

struct large scopes_large(struct large (*make)(struct large from, void *data), void *data, int64_t first) {
    struct large from = {{first, 2, 3, 4, 5, 6, 7, 8, 9}};
    return make(from, data);
}

/* --- kept --- */

struct listener {
    int32_t (*call)(void *data, int32_t n);
    void *data;
    void (*destroy)(void *data);
};

static struct listener listener;

/* A destroy function of another type, as GLib's GClosureNotify. */
static void (*destroy_with_reason)(int32_t reason, void *data);

void scopes_forget(void) {
    struct listener before = listener;
    listener = (struct listener){0};
    if (before.destroy != NULL) {
        before.destroy(before.data);
    }
    if (destroy_with_reason != NULL) {
        void (*destroy)(int32_t, void *) = destroy_with_reason;
        destroy_with_reason = NULL;
        destroy(7, before.data);
    }
}

int32_t scopes_listen(int32_t (*call)(void *data, int32_t n), void *data, void (*destroy)(void *data)) {
    scopes_forget();
    listener = (struct listener){call, data, destroy};
    return 5;
}

void scopes_listen_with_reason(int32_t (*call)(void *data, int32_t n), void (*destroy)(int32_t reason, void *data),
                               void *data) {
    scopes_forget();
    listener = (struct listener){call, data, NULL};
    destroy_with_reason = destroy;
}

int32_t scopes_notify(int32_t n) {
    return listener.call == NULL ? -1 : listener.call(listener.data, n);
}

static void *run_notify(void *n) {
    return (void *)(intptr_t)scopes_notify((int32_t)(intptr_t)n);
}

static void *run_forget(void *unused) {
    scopes_forget();
    return unused;
}

static void *join(void *(*run)(void *), void *argument) {
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, run, argument);
    pthread_join(thread, &result);
    return result;
}

int32_t scopes_notify_elsewhere(int32_t n) { return (int32_t)(intptr_t)join(run_notify, (void *)(intptr_t)n); }
void scopes_forget_elsewhere(void) { join(run_forget, NULL); }

/* --- kept without user data --- */

typedef int32_t handler(int32_t n);

static handler *listeners[8];

/* 0, or -1 without room. */
int32_t scopes_add(handler *call) {
    for (size_t i = 0; i < 8; i++) {
        if (listeners[i] == NULL) {
            listeners[i] = call;
            return 0;
        }
    }
    return -1;
}

int32_t scopes_remove(handler *call) {
    for (size_t i = 0; i < 8; i++) {
        if (listeners[i] == call) {
            listeners[i] = NULL;
            return 0;
        }
    }
    return -1;
}

int32_t scopes_emit(int32_t n) {
    int32_t sum = 0;
    for (size_t i = 0; i < 8; i++) {
        sum += listeners[i] != NULL ? listeners[i](n) : 0;
    }
    return sum;
}

static int32_t negate(int32_t n) { return -n; }

static handler *handlers[2] = {negate, NULL};

/* The handler in the place before. */
handler *scopes_set_handler(int32_t place, handler *call) {
    handler *before = handlers[place];
    handlers[place] = call;
    return before;
}

int32_t scopes_handle(int32_t place, int32_t n) { return handlers[place] != NULL ? handlers[place](n) : 0; }

/* --- callbacks that receive callbacks --- */

static int32_t twice(int32_t n) { return 2 * n; }
static int32_t add_data(int32_t n, void *data) { return n + *(int32_t *)data; }

int32_t scopes_with_callback(int32_t (*call)(int32_t (*inner)(int32_t), int32_t (*with_data)(int32_t, void *), void *)) {
    int32_t ten = 10;
    return call(twice, add_data, &ten);
}

/* --- may be NULL, without user data --- */

int32_t scopes_select(const int32_t *numbers, size_t count, int32_t (*filter)(int32_t), int32_t (*map)(int32_t)) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (filter == NULL || filter(numbers[i])) {
            sum += map == NULL ? numbers[i] : map(numbers[i]);
        }
    }
    return sum;
}
