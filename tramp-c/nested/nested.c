/*
 * libtramp_nested: the functions that GCC and flang call for the trampolines of nested functions, on the tables of libtramp.
 *
 * GCC 14 and later call the first two if a program is compiled with -ftrampoline-impl=heap. They are libgcc's, with its version,
 * so that this library takes their place if it is linked before libgcc or is preloaded. flang 23 and later call the other three
 * if a program is compiled with -fsafe-trampoline.
 *
 * GCC calls __gcc_nested_func_ptr_created when a function begins, for each nested function of which a pointer is needed, and
 * __gcc_nested_func_ptr_deleted as often when the function ends. The second call does not say which trampoline is meant. It is
 * found by the stack: both calls come from the same frame. So each thread has a list of its live trampolines, in the order of
 * their frames' addresses. An entry belongs to the stack that its address lies in. So stacks may be switched between any two
 * calls, and a frame that longjmp has skipped does not keep another from its own entry.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tramp.h"

#define EXPORT __attribute__((visibility("default")))

void __gcc_nested_func_ptr_created(void *chain, void *function, void *pointer) EXPORT;
void __gcc_nested_func_ptr_deleted(void) EXPORT;
void *_FortranATrampolineInit(void *scratch, const void *procedure, const void *chain) EXPORT;
void *_FortranATrampolineAdjust(void *tramp) EXPORT;
void _FortranATrampolineFree(void *tramp) EXPORT;

static _Noreturn void die(const char *what) {
    static const char name[] = "libtramp_nested: ";
    if (write(2, name, sizeof name - 1) < 0 || write(2, what, strlen(what)) < 0 || write(2, "\n", 1) < 0) abort();
    abort();
}

static const char exhausted[] = "there is no trampoline for a nested function, because memory or mappings are exhausted";
static const char unavailable[] = "there are no trampolines for nested functions on this processor or system";
static const char busy[] = "a signal handler that interrupts the making of trampolines needs too many of its own";
static const char not_live[] = "a nested function's trampoline was deleted that is not live";

/* --- the list of a thread --- */

/* A trampoline for a nested function of a frame. */
struct entry {
    uintptr_t frame; /* the stack pointer of the frame when it called */
    void **pointer;  /* where the frame has the trampoline's address */
    size_t age;      /* greater in younger ones */
    void *tramp;
};

/* The lowest frame is the last entry, and of one frame the youngest. Where stacks grow downwards, a deeper call adds its entry at
 * the end. */
struct list {
    struct entry *entries;
    size_t count, capacity, age;
};

enum {
    /* So many signal handlers can interrupt each other while each is inside one of the functions below. */
    LEVELS = 4,
    /* A handler that interrupts one of them can have so many trampolines. It must not call libtramp's functions, because it may
     * have interrupted one of them too. */
    SPARE = 4,
    /* A thread keeps so many trampolines for its next nested functions. */
    KEPT = 32,
};

struct thread {
    struct list lists[LEVELS];
    void *spare[LEVELS][SPARE]; /* of the lists behind the first */
    void *kept[KEPT];           /* for the first */
    size_t keeps;
};

/* A handler that interrupts a function which uses one list uses the next. Its own trampolines are deleted before it returns. */
static __thread struct thread *mine __attribute__((tls_model("initial-exec")));
static __thread volatile sig_atomic_t level __attribute__((tls_model("initial-exec")));

#define BEGIN                                                                                                          \
    int own = level++;                                                                                                 \
    __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define END                                                                                                            \
    __atomic_signal_fence(__ATOMIC_SEQ_CST);                                                                           \
    level = own

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int no_key;

static void *map(size_t bytes) {
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) die(exhausted);
    return mapped;
}

/* The thread ends, and with it all its stacks. */
static void end(void *argument) {
    struct thread *thread = argument;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    mine = NULL;
    for (int own = 0; own < LEVELS; own++) {
        struct list *list = &thread->lists[own];
        for (size_t i = 0; own == 0 && i < list->count; i++) ffi_tramp_free(list->entries[i].tramp);
        for (int i = 0; i < SPARE; i++) ffi_tramp_free(thread->spare[own][i]);
        while (own == 0 && thread->keeps) ffi_tramp_free(thread->kept[--thread->keeps]);
        if (list->capacity) munmap(list->entries, list->capacity * sizeof *list->entries);
    }
    munmap(thread, sizeof *thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void make_key(void) { no_key = pthread_key_create(&key, end); }

/* tramp_alloc_chain has no x18 on Android. */
#if defined __ANDROID__ && defined __aarch64__
#define HAS_CHAIN 0
#else
#define HAS_CHAIN 1
#endif

/* Makes the lists of this thread, with trampolines for signal handlers. Returns NULL where libtramp has no tables. A function's
 * beginning calls this, where no program expects that errno changes or that the thread is cancelled. The lists are mapped and not
 * allocated, because a handler may grow its list and may have interrupted malloc. */
static __attribute__((cold, noinline)) struct thread *make_thread(void) {
    int error = errno, cancel;
    sigset_t all, before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (!mine && HAS_CHAIN && ffi_tramp_is_supported()) { /* a handler may have been first */
        pthread_once(&once, make_key);
        struct thread *thread = map(sizeof *thread);
        for (int own = 1; own < LEVELS; own++) {
            for (int i = 0; i < SPARE; i++) {
                if (!(thread->spare[own][i] = tramp_alloc_chain(TRAMP_CHAIN_GCC))) die(exhausted);
            }
        }
        if (no_key || pthread_setspecific(key, thread) != 0) die(exhausted);
        mine = thread;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_setcancelstate(cancel, NULL);
    errno = error;
    return mine;
}

static __attribute__((cold, noinline)) void grow(struct list *list) {
    size_t capacity = list->capacity ? 2 * list->capacity : 4096 / sizeof *list->entries;
    struct entry *entries = map(capacity * sizeof *entries);
    if (list->capacity) {
        memcpy(entries, list->entries, list->count * sizeof *entries);
        munmap(list->entries, list->capacity * sizeof *entries);
    }
    list->entries = entries;
    list->capacity = capacity;
}

/* Moves all entries from a place on. Mostly there are none. */
static void move(struct list *list, size_t from, size_t to) {
    if (from == list->count) return;
    memmove(list->entries + to, list->entries + from, (list->count - from) * sizeof *list->entries);
}

/* The number of entries whose frames are at this address or above: they are the first ones. */
static size_t at_or_above(const struct list *list, uintptr_t frame) {
    size_t low = 0, high = list->count;
    if (high && list->entries[high - 1].frame >= frame) return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->entries[middle].frame >= frame) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* --- libgcc's functions, where libtramp has no tables --- */

static void (*libgcc_created)(void *, void *, void **);
static void (*libgcc_deleted)(void);

/* Programs that are linked statically have none. */
#pragma weak dlsym
#pragma weak dlopen

static __attribute__((cold, noinline)) void find_libgcc(void) {
    void *created = NULL, *deleted = NULL;
    if (dlsym) {
        created = dlsym(RTLD_NEXT, "__gcc_nested_func_ptr_created");
        deleted = dlsym(RTLD_NEXT, "__gcc_nested_func_ptr_deleted");
    }
    /* The linker has left libgcc out if the program needs nothing else of it. */
    void *libgcc = created || !dlopen ? NULL : dlopen("libgcc_s.so.1", RTLD_NOW);
    if (libgcc) {
        created = dlsym(libgcc, "__gcc_nested_func_ptr_created");
        deleted = dlsym(libgcc, "__gcc_nested_func_ptr_deleted");
    }
    if (!created || !deleted) die(unavailable);
    __atomic_store_n(&libgcc_deleted, (void (*)(void))deleted, __ATOMIC_RELEASE);
    __atomic_store_n(&libgcc_created, (void (*)(void *, void *, void **))created, __ATOMIC_RELEASE);
}

/* --- GCC --- */

/* x86 pushes arguments, and GCC does not always take them off at once (-fdefer-pop). */
#if defined __i386__ || defined __x86_64__
#define PUSHED 64
#else
#define PUSHED 0
#endif

/* libtramp asks the system now and then. errno stays as it was. */
static __attribute__((cold, noinline)) void *allocate_new(int user) {
    int error = errno;
    void *tramp = tramp_alloc_chain(user);
    errno = error;
    return tramp;
}

static void *allocate(struct thread *thread, int own) {
    if (own == 0) return thread->keeps ? thread->kept[--thread->keeps] : allocate_new(TRAMP_CHAIN_GCC);
    for (int i = 0; i < SPARE; i++) {
        void *tramp = thread->spare[own][i];
        thread->spare[own][i] = NULL;
        if (tramp) return tramp;
    }
    die(busy);
}

/* What a deleted trampoline leads to. */
static void called_after_deletion(void) { die("a nested function was called after the function around it had returned"); }

static void release(struct thread *thread, int own, void *tramp) {
    if (own == 0 && thread->keeps == KEPT) {
        ffi_tramp_free(tramp);
        return;
    }
    tramp_bind(tramp, called_after_deletion, NULL);
    if (own == 0) {
        thread->kept[thread->keeps++] = tramp;
        return;
    }
    for (int i = 0; i < SPARE; i++) {
        if (!thread->spare[own][i]) {
            thread->spare[own][i] = tramp;
            return;
        }
    }
}

/* Adds an entry, or takes the place of one of a frame that was skipped: no two live frames have a pointer in one place. */
static void *add(struct thread *thread, int own, uintptr_t frame, void **pointer) {
    struct list *list = &thread->lists[own];
    size_t place = at_or_above(list, frame);
    for (size_t i = place; i > 0 && list->entries[i - 1].frame == frame; i--) {
        if (list->entries[i - 1].pointer != pointer) continue;
        /* The youngest of its frame now. */
        struct entry again = list->entries[i - 1];
        memmove(list->entries + i - 1, list->entries + i, (place - i) * sizeof again);
        again.age = ++list->age;
        list->entries[place - 1] = again;
        return again.tramp;
    }
    void *tramp = allocate(thread, own);
    if (!tramp) return NULL;
    if (list->count == list->capacity) grow(list);
    move(list, place, place + 1);
    list->count++;
    list->entries[place] = (struct entry){frame, pointer, ++list->age, tramp};
    return tramp;
}

/* The caller's entry: the youngest of the lowest frame above the stack pointer. No other live frame lies there, also if the
 * caller has made room on the stack in the meantime. */
static int delete_one(struct thread *thread, int own, uintptr_t frame) {
    struct list *list = &thread->lists[own];
    size_t place = at_or_above(list, frame - PUSHED);
    if (place == 0) return 0;
    size_t found = place - 1;
    for (size_t i = found; PUSHED && i > 0 && list->entries[i - 1].frame <= frame + PUSHED; i--) {
        if (list->entries[i - 1].age > list->entries[found].age) found = i - 1;
    }
    void *tramp = list->entries[found].tramp;
    move(list, found + 1, found);
    list->count--;
    release(thread, own, tramp);
    return 1;
}

static __attribute__((cold, noinline)) void create_elsewhere(void *chain, void *function, void **pointer) {
    if (!libgcc_created) find_libgcc();
    libgcc_created(chain, function, pointer);
}

static __attribute__((used)) void created_at(void *chain, void *function, void **pointer, uintptr_t frame) {
    BEGIN;
    if (own >= LEVELS) die(busy);
    struct thread *thread = mine;
    if (__builtin_expect(!thread, 0)) {
        thread = libgcc_created ? NULL : make_thread();
        if (!thread) {
            END;
            create_elsewhere(chain, function, pointer);
            return;
        }
    }
    void *tramp = add(thread, own, frame, pointer);
    tramp_function bound = tramp_bind(tramp, (tramp_function)function, chain);
    if (!bound) die(exhausted);
    *pointer = (void *)bound;
    END;
}

static __attribute__((used)) void deleted_at(uintptr_t frame) {
    BEGIN;
    if (own >= LEVELS) die(busy);
    struct thread *thread = mine;
    if (__builtin_expect(!thread, 0) && libgcc_deleted) {
        END;
        libgcc_deleted();
        return;
    }
    if (!thread || !delete_one(thread, own, frame)) die(not_live);
    END;
}

/* The frame is the stack pointer of the caller when it calls, which is the canonical frame address of these two functions. On some
 * processors, Clang takes the frame pointer for it. */
#if defined __clang__ && defined __aarch64__
__attribute__((naked)) void __gcc_nested_func_ptr_created(void *chain, void *function, void *pointer) {
    __asm__("hint #34; mov x3, sp; b created_at");
}
__attribute__((naked)) void __gcc_nested_func_ptr_deleted(void) { __asm__("hint #34; mov x0, sp; b deleted_at"); }
#elif defined __clang__ && defined __arm__
__attribute__((naked)) void __gcc_nested_func_ptr_created(void *chain, void *function, void *pointer) {
    __asm__("mov r3, sp; b created_at");
}
__attribute__((naked)) void __gcc_nested_func_ptr_deleted(void) { __asm__("mov r0, sp; b deleted_at"); }
#else
void __gcc_nested_func_ptr_created(void *chain, void *function, void *pointer) {
    created_at(chain, function, pointer, (uintptr_t)__builtin_dwarf_cfa());
}
void __gcc_nested_func_ptr_deleted(void) { deleted_at((uintptr_t)__builtin_dwarf_cfa()); }
#endif

/* --- flang --- */

/* LLVM 22 passes the chain as the first argument on these processors. */
#if defined __arm__ || defined __loongarch__ || defined __s390x__
#define HAS_NEST 0
#else
#define HAS_NEST 1
#endif

void *_FortranATrampolineInit(void *scratch, const void *procedure, const void *chain) {
    (void)scratch;
    BEGIN;
    void *tramp = own == 0 ? allocate_new(TRAMP_CHAIN_LLVM) : NULL;
    if (!tramp || !tramp_bind(tramp, (tramp_function)(uintptr_t)procedure, (void *)(uintptr_t)chain)) {
        die(own != 0 ? busy : HAS_NEST && ffi_tramp_is_supported() ? exhausted : unavailable);
    }
    END;
    return tramp;
}

void *_FortranATrampolineAdjust(void *tramp) { return ffi_tramp_get_addr(tramp); }

void _FortranATrampolineFree(void *tramp) {
    BEGIN;
    ffi_tramp_free(tramp);
    END;
}
