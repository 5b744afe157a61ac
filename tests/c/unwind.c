/*
 * Calls back from frames that have something to clean up when a panic passes.
 */
#if defined(__arm__)
/*
 * Rust's standard library has compiler-rt's version of this function. That version does not tell libgcc's unwinder, in the
 * virtual r12, which frame it asks about. So the variable would not be cleaned up, or worse. libgcc's own version does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>

int __gcc_personality_v0(int state, void *exception, void *context) {
    return ((int (*)(int, void *, void *))dlsym(RTLD_NEXT, "__gcc_personality_v0"))(state, exception, context);
}
#endif

#include <stdint.h>

static void clean_up(int32_t **count) {
    ++**count;
}

/* The context is in a register. */
int32_t unwind_few(int32_t (*callback)(int32_t), int32_t argument, int32_t *cleaned) {
    __attribute__((cleanup(clean_up))) int32_t *guard = cleaned;
    return callback(argument) + 1;
}

/* More integers than any processor has argument registers: the context is on the stack. */
int32_t unwind_many(int32_t (*callback)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                                        int64_t, int64_t, int32_t),
                    int32_t argument, int32_t *cleaned) {
    __attribute__((cleanup(clean_up))) int32_t *guard = cleaned;
    return callback(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, argument) + 1;
}

/* The same with an argument that makes the callback's frame aligned more strictly than any other. */
struct aligned {
    _Alignas(64) int64_t words[8];
};

int32_t unwind_aligned(int32_t (*callback)(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                                           int64_t, int64_t, int64_t, struct aligned, int32_t),
                       int32_t argument, int32_t *cleaned) {
    __attribute__((cleanup(clean_up))) int32_t *guard = cleaned;
    struct aligned aligned = {{1, 2, 3, 4, 5, 6, 7, 8}};
    return callback(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, aligned, argument) + 1;
}
