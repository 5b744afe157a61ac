/*
 * The values that callers pass and expect, drawn from a sequence that is the same on both sides: `Values` in
 * random_abi.rs. Every scalar takes one number of it, or two if it has 128 bits.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "i128.h"

typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef float f32;
typedef double f64;
typedef const u8 *pointer;

struct values {
    u64 state;
};

static inline struct values values_of(u64 signature) {
    return (struct values){SEED ^ (signature << 32)};
}

/* SplitMix64. */
static inline u64 draw(struct values *values) {
    u64 z = values->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#define DRAW(type, number)                                                                                             \
    static inline type draw_##type(struct values *values) {                                                            \
        const u64 drawn = draw(values);                                                                                \
        return number;                                                                                                 \
    }

DRAW(bool, drawn >> 63)
DRAW(i8, drawn)
DRAW(i16, drawn)
DRAW(i32, drawn)
DRAW(i64, drawn)
DRAW(u8, drawn)
DRAW(u16, drawn)
DRAW(u32, drawn)
DRAW(u64, drawn)
DRAW(pointer, (pointer)(uintptr_t)drawn)
/* As many bits as are exact, and never a NaN. */
DRAW(f32, (i32)(drawn >> 40) - (1 << 23))
DRAW(f64, (i64)(drawn >> 11) - ((i64)1 << 52))

#if defined(__SIZEOF_INT128__)
typedef __int128 i128;
typedef unsigned __int128 u128;
DRAW(u128, (u128)drawn << 64 | draw(values))
DRAW(i128, (u128)drawn << 64 | draw(values))
#endif

#define VECTOR(name, lane, lanes)                                                                                      \
    typedef lane name __attribute__((vector_size(sizeof(lane) * lanes)));                                              \
    static inline name draw_##name(struct values *values) {                                                            \
        name v;                                                                                                        \
        for (int i = 0; i < lanes; i++)                                                                                \
            v[i] = draw_##lane(values);                                                                                \
        return v;                                                                                                      \
    }

VECTOR(f32x4, f32, 4)
VECTOR(f64x2, f64, 2)
VECTOR(u64x2, u64, 2)

/*
 * The guard stands between a caller and its target. It is called with the target's arguments in the target's convention
 * and calls the target with all of them in place, each preserved register holding a value of its own; then it says which
 * of them were changed. There is an entry for each set of preserved registers. Compilers see no more than pointers to
 * them: GCC calls a function that it knows in that function's own convention, whatever it was cast to.
 */
extern void (*abi_guard_target)(void);
extern uint64_t abi_guard_changed; /* bit i: the i-th of abi_guard_registers */
extern void *const abi_guard;
extern void *const abi_guard_ms;

/* How many bytes the callee takes off the stack. Only the guard of i386 asks. */
#if defined(__i386__)
extern uint32_t abi_guard_taken_off;
#define TAKES_OFF(bytes) (abi_guard_taken_off = (bytes))
#define STACK_BYTES(argument) ((sizeof(argument) + 3) & ~3)
#else
#define TAKES_OFF(bytes) ((void)0)
#endif

#define RESULT_DIFFERS (UINT64_C(1) << 63)

/* Callers with an argument that one compiler passes in another way than all others. */
#if defined(__clang__)
#define BUT_GCC(caller) caller
#else
#define BUT_GCC(caller) NULL
#endif
#if I128_IS_AS_ELSEWHERE
#define BUT_OLD_CLANG(caller) caller
#else
#define BUT_OLD_CLANG(caller) NULL
#endif

typedef uint64_t (*caller)(void (*target)(void));
extern const caller CALLERS[];
