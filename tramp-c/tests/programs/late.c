/*
 * The library is opened when threads are running, as a plugin is:
 *
 *     late LIBRARY                  by a program whose static TLS block has room
 *     late LIBRARY TAKERS...        after these libraries have taken all of that room. Each is this file, compiled with BYTES
 */
#ifdef BYTES

__thread char room[BYTES] __attribute__((tls_model("initial-exec")));
char *use_room(void) { return room; }

#else

#include <dlfcn.h>
#include <pthread.h>

#include "check.h"

enum { THREADS = 8, LIVE = 500, ROUNDS = 40 };

static void *(*alloc)(unsigned, unsigned);
static tramp_function (*bind)(void *, tramp_function, void *);
static void (*give_back)(void *);
static pthread_barrier_t opened;

static long add(long argument, void *context) { return argument + *(long *)context; }

/* More trampolines live at once than a thread's cache can hold, so that the pools get some. */
static void use(long number) {
    static __thread void *live[LIVE];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < LIVE; i++) {
            CHECK((live[i] = alloc(1, 0)) != NULL);
            CHECK(((long (*)(long))bind(live[i], (tramp_function)add, &number))(i) == number + i);
        }
        for (int i = 0; i < LIVE; i++) give_back(live[i]);
    }
}

static void *waits(void *number) {
    pthread_barrier_wait(&opened);
    use((intptr_t)number);
    return NULL;
}

static void *comes_later(void *number) {
    use((intptr_t)number);
    return NULL;
}

int main(int count, char **arguments) {
    CHECK(count >= 2);
    int refused = 0;
    for (int i = 2; i < count; i++) {
        void *taker = dlopen(arguments[i], RTLD_NOW);
        if (!taker) CHECK(strstr(dlerror(), "static TLS"));
        refused += !taker;
    }
    CHECK(count == 2 || refused > 0);

    pthread_t all[2 * THREADS];
    CHECK(pthread_barrier_init(&opened, NULL, THREADS + 1) == 0);
    for (long i = 0; i < THREADS; i++) CHECK(pthread_create(&all[i], NULL, waits, (void *)i) == 0);
    void *library = dlopen(arguments[1], RTLD_NOW);
    if (!library) fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    alloc = (void *(*)(unsigned, unsigned))dlsym(library, "tramp_alloc_arguments");
    bind = (tramp_function (*)(void *, tramp_function, void *))dlsym(library, "tramp_bind");
    give_back = (void (*)(void *))dlsym(library, "ffi_tramp_free");
    CHECK(alloc && bind && give_back);
    pthread_barrier_wait(&opened);
    for (long i = THREADS; i < 2 * THREADS; i++) CHECK(pthread_create(&all[i], NULL, comes_later, (void *)i) == 0);
    use(1000);
    for (int i = 0; i < 2 * THREADS; i++) CHECK(pthread_join(all[i], NULL) == 0);

    use(2000); /* alone again */
    void *freed = alloc(1, 0);
    give_back(freed);
    check_dies(give_back, freed, "not a live trampoline");
    return 0;
}

#endif
