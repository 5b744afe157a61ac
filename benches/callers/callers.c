// The C side of the measured calls: loops that the Rust compiler does not see. Each adds up the results, so that no
// compiler can leave out a call.
//
// Every alternative has loops of its own, because processors predict a call better if its instruction always reaches
// the same function.

#include <stdint.h>

typedef uint64_t u64;

// Without `noipa`, gcc folds equal loops into one.
#define LOOP_OF(result, name, parameters, ...)                        \
    __attribute__((noipa)) result name parameters {                   \
        result sum = 0;                                               \
        for (u64 i = 0; i < times; i++) sum += callback(__VA_ARGS__); \
        return sum;                                                   \
    }
#define LOOP(name, parameters, ...) LOOP_OF(u64, name, parameters, __VA_ARGS__)

LOOP(call_0_with_data, (u64 (*callback)(void *), void *data, u64 times), data)
LOOP(call_3_with_data, (u64 (*callback)(u64, u64, u64, void *), void *data, u64 times), i, 2, 3, data)
LOOP(call_9_with_data, (u64 (*callback)(u64, u64, u64, u64, u64, u64, u64, u64, u64, void *), void *data, u64 times),
     i, 2, 3, 4, 5, 6, 7, 8, 9, data)

typedef u64 (*callback_0)(void);
typedef u64 (*callback_3)(u64, u64, u64);
typedef u64 (*callback_9)(u64, u64, u64, u64, u64, u64, u64, u64, u64);
typedef double (*callback_mixed_3)(u64, double, u64);
typedef double (*callback_mixed_10)(int32_t, double, u64, double, const void *, int32_t, int32_t, int32_t, u64, double);

#define LOOPS(way)                                                                             \
    static LOOP(call_0_##way, (callback_0 callback, u64 times))                                \
    static LOOP(call_3_##way, (callback_3 callback, u64 times), i, 2, 3)                       \
    static LOOP(call_9_##way, (callback_9 callback, u64 times), i, 2, 3, 4, 5, 6, 7, 8, 9)         \
    static LOOP_OF(double, call_mixed_3_##way, (callback_mixed_3 callback, u64 times), i, 2, 3)  \
    static LOOP_OF(double, call_mixed_10_##way, (callback_mixed_10 callback, u64 times), 1, 2, i, 4, 0, 6, 7, 8, 9, 10)
LOOPS(0)
LOOPS(1)
LOOPS(2)
LOOPS(3)
LOOPS(4)
LOOPS(5)
LOOPS(6)
LOOPS(7)
LOOPS(8)

#define WAYS(call) \
    {call##_0, call##_1, call##_2, call##_3, call##_4, call##_5, call##_6, call##_7, call##_8}
u64 (*const call_0[])(callback_0, u64) = WAYS(call_0);
u64 (*const call_3[])(callback_3, u64) = WAYS(call_3);
u64 (*const call_9[])(callback_9, u64) = WAYS(call_9);
double (*const call_mixed_3[])(callback_mixed_3, u64) = WAYS(call_mixed_3);
double (*const call_mixed_10[])(callback_mixed_10, u64) = WAYS(call_mixed_10);
