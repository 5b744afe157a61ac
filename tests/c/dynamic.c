/*
 * Calls callbacks whose types Rust learns at run time: every type at its limits, results that C widens, and more arguments of
 * each kind than there are registers. packages/abi has random ones.
 *
 * Compiled by each compiler that is found, into a table that DYNAMIC_CALLERS names.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

static char place;

/* One argument and the same result of each type. What is narrower than the result of the conversion was extended by the callee or is
 * now. Returns a bit for each that is wrong. */
static uint32_t of_each_type(int8_t (*i8)(int8_t), int16_t (*i16)(int16_t), int32_t (*i32)(int32_t), int64_t (*i64)(int64_t),
                             uint8_t (*u8)(uint8_t), uint16_t (*u16)(uint16_t), uint32_t (*u32)(uint32_t),
                             uint64_t (*u64)(uint64_t), float (*f32)(float), double (*f64)(double), bool (*boolean)(bool),
                             char *(*pointer)(char *)) {
    uint32_t wrong = 0;
    wrong |= (uint32_t)((long long)i8(INT8_MIN) != INT8_MIN || (long long)i8(INT8_MAX) != INT8_MAX) << 0;
    wrong |= (uint32_t)((long long)i16(INT16_MIN) != INT16_MIN || (long long)i16(INT16_MAX) != INT16_MAX) << 1;
    wrong |= (uint32_t)((long long)i32(INT32_MIN) != INT32_MIN || (long long)i32(INT32_MAX) != INT32_MAX) << 2;
    wrong |= (uint32_t)(i64(INT64_MIN) != INT64_MIN || i64(INT64_MAX) != INT64_MAX) << 3;
    wrong |= (uint32_t)((long long)u8(UINT8_MAX) != UINT8_MAX || u8(1) != 1) << 4;
    wrong |= (uint32_t)((long long)u16(UINT16_MAX) != UINT16_MAX || u16(1) != 1) << 5;
    wrong |= (uint32_t)((long long)u32(UINT32_MAX) != UINT32_MAX || u32(1) != 1) << 6;
    wrong |= (uint32_t)(u64(UINT64_MAX) != UINT64_MAX || u64(1) != 1) << 7;
    wrong |= (uint32_t)(f32(-0.1f) != -0.1f || (double)f32(3e38f) != (double)3e38f) << 8;
    wrong |= (uint32_t)(f64(-0.1) != -0.1 || f64(1e308) != 1e308) << 9;
    wrong |= (uint32_t)((int)boolean(true) != 1 || (int)boolean(false) != 0) << 10;
    wrong |= (uint32_t)(pointer(&place) != &place || pointer(0) != 0) << 11;
    return wrong;
}

/* The arguments are 1 to 40 in turn. On i386, results in st(0) that nobody takes off would soon leave it no room. */
static double many(double (*callback)(int8_t, float, int64_t, double, uint16_t, float, double, int32_t, uint64_t, float, int8_t,
                                      float, int64_t, double, uint16_t, float, double, int32_t, uint64_t, float, int8_t, float,
                                      int64_t, double, uint16_t, float, double, int32_t, uint64_t, float, int8_t, float, int64_t,
                                      double, uint16_t, float, double, int32_t, uint64_t, float),
                   int32_t (*nothing)(float)) {
    double sum = 0;
    for (int i = 0; i < 20; i++) {
        sum += nothing(2.5f);
        sum += callback(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                        30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40);
    }
    return sum;
}

static void call(void (*callback)(int32_t), int32_t argument) {
    callback(argument);
}

const struct {
    const char *compiler;
    uint32_t (*of_each_type)(int8_t (*)(int8_t), int16_t (*)(int16_t), int32_t (*)(int32_t), int64_t (*)(int64_t),
                             uint8_t (*)(uint8_t), uint16_t (*)(uint16_t), uint32_t (*)(uint32_t), uint64_t (*)(uint64_t),
                             float (*)(float), double (*)(double), bool (*)(bool), char *(*)(char *));
    double (*many)(double (*)(int8_t, float, int64_t, double, uint16_t, float, double, int32_t, uint64_t, float, int8_t, float,
                              int64_t, double, uint16_t, float, double, int32_t, uint64_t, float, int8_t, float, int64_t, double,
                              uint16_t, float, double, int32_t, uint64_t, float, int8_t, float, int64_t, double, uint16_t, float,
                              double, int32_t, uint64_t, float),
                   int32_t (*)(float));
    void (*call)(void (*)(int32_t), int32_t);
} DYNAMIC_CALLERS = {
#if defined(__clang__)
    "clang",
#else
    "gcc",
#endif
    of_each_type, many, call,
};
