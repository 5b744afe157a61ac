/*
 * Stress: many threads allocate, set, call, set again and free in random order, also each other's; what was called is
 * counted, at both ends.
 *
 *     stress [threads [operations of each]]      default 8 and 200000
 */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

enum { PLACES = 2048, COUNTERS = 64 };

/* A trampoline that any thread may take out of its place, use and put back. */
struct entry {
    void *tramp;
    struct counter *counter;
    int is_bound; /* a C function's, or a target's in assembly */
};

struct counter {
    _Atomic long calls;
    _Atomic long sum;
};

static _Atomic(struct entry *) places[PLACES];
static struct counter counters[COUNTERS];
static atomic_long expected_calls[COUNTERS], expected_sums[COUNTERS];
static atomic_long made, freed, set, called;
static long operations = 200000;

static long count(struct counter *counter, long argument) {
    atomic_fetch_add(&counter->calls, 1);
    atomic_fetch_add(&counter->sum, argument);
    return argument ^ 0x55;
}

long example_handler(void *context, long argument) { return count(context, argument); }
static long bound(long argument, void *context) { return count(context, argument); }
static long bound_on_stack(long argument, long b, long c, long d, long e, long f, long g, long h, double i, void *context) {
    CHECK(b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9.5);
    return count(context, argument);
}

static void set_it(struct entry *entry, uint64_t random) {
    entry->counter = &counters[random % COUNTERS];
    void *target = entry->is_bound == 0   ? (void *)example_target
                   : entry->is_bound == 1 ? (void *)bound
                                          : (void *)bound_on_stack;
    CHECK(ffi_tramp_set_parms(entry->tramp, target, entry->counter) == 1);
    atomic_fetch_add(&set, 1);
}

static void call_it(struct entry *entry, uint64_t random) {
    long argument = (long)(random % 1000), result;
    void *address = ffi_tramp_get_addr(entry->tramp);
    if (entry->is_bound == 2)
        result = ((long (*)(long, long, long, long, long, long, long, long, double))address)(argument, 2, 3, 4, 5, 6, 7,
                                                                                             8, 9.5);
    else
        result = ((long (*)(long))address)(argument);
    CHECK(result == (argument ^ 0x55));
    long index = entry->counter - counters;
    atomic_fetch_add(&expected_calls[index], 1);
    atomic_fetch_add(&expected_sums[index], argument);
    atomic_fetch_add(&called, 1);
}

static struct entry *make(uint64_t random) {
    struct entry *entry = malloc(sizeof *entry);
    CHECK(entry != NULL);
    entry->is_bound = random % 8 < 5 ? 0 : random % 8 < 7 ? 1 : 2;
    entry->tramp = entry->is_bound == 0   ? ffi_tramp_alloc(0)
                   : entry->is_bound == 1 ? tramp_alloc_arguments(1, 0)
                                          : tramp_alloc_arguments(8, 1);
    CHECK(entry->tramp != NULL);
    atomic_fetch_add(&made, 1);
    set_it(entry, random >> 8);
    return entry;
}

static void unmake(struct entry *entry) {
    if (!entry) return;
    ffi_tramp_free(entry->tramp);
    free(entry);
    atomic_fetch_add(&freed, 1);
}

static void *work(void *seed) {
    uint64_t random = (uintptr_t)seed * 0x9e3779b97f4a7c15 | 1;
    for (long operation = 0; operation < operations; operation++) {
        uint64_t number = next_random(&random);
        _Atomic(struct entry *) *place = &places[number % PLACES];
        struct entry *entry = atomic_exchange(place, NULL); /* now it is this thread's */
        switch (number >> 32 & 7) {
            case 0: /* freed here, wherever it was made */
                unmake(entry), entry = NULL;
                break;
            case 1:
            case 2:
                unmake(entry), entry = make(number >> 16);
                break;
            case 3:
                if (entry) set_it(entry, number >> 16);
                /* fall through */
            default:
                if (!entry) entry = make(number >> 16);
                call_it(entry, number >> 40);
        }
        unmake(atomic_exchange(place, entry));
    }
    return NULL;
}

int main(int count, char **arguments) {
    long threads = count > 1 ? atol(arguments[1]) : 8;
    if (count > 2) operations = atol(arguments[2]);
    CHECK(threads > 0 && threads <= 256 && operations > 0);
    pthread_t all[256];
    for (int round = 0; round < 2; round++) { /* the second takes over what the first's threads left */
        for (long i = 0; i < threads; i++)
            CHECK(pthread_create(&all[i], NULL, work, (void *)(intptr_t)(i + 1 + round * threads)) == 0);
        for (long i = 0; i < threads; i++) CHECK(pthread_join(all[i], NULL) == 0);
    }
    for (int i = 0; i < PLACES; i++) unmake(atomic_exchange(&places[i], NULL));

    for (int i = 0; i < COUNTERS; i++) {
        CHECK(counters[i].calls == expected_calls[i]);
        CHECK(counters[i].sum == expected_sums[i]);
    }
    CHECK(made == freed);
    printf("%ld threads twice: %ld allocated and freed, %ld set, %ld called\n", threads, (long)made, (long)set, (long)called);
    return 0;
}
