/*
 * Calls back with every class of argument in every position.
 *
 * Each caller passes *argument, beside neighbours of known values, and says whether the result is *result. What the
 * callback received is for the callback to say. Every class exists once for each convention.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "i128.h"

const bool i128_is_as_elsewhere = I128_IS_AS_ELSEWHERE;

#if defined(__x86_64__) && defined(_WIN32)
#define FOR_EACH_CONVENTION(name)                                                                                      \
    CALLERS(name, _c, ) CALLERS(name, _ms, __attribute__((ms_abi))) CALLERS(name, _sysv, __attribute__((sysv_abi)))
#elif defined(__i386__) && defined(_WIN32)
#define FOR_EACH_CONVENTION(name) CALLERS(name, _c, ) CALLERS(name, _std, __attribute__((stdcall)))
#elif defined(__x86_64__)
#define FOR_EACH_CONVENTION(name) CALLERS(name, _c, ) CALLERS(name, _ms, __attribute__((ms_abi)))
#else
#define FOR_EACH_CONVENTION(name) CALLERS(name, _c, )
#endif

/* `equal` compares `a` and `b` of this type, without their padding. */
#define CLASS(name, type, equal)                                                                                       \
    typedef type name;                                                                                                 \
    static bool name##_equal(name a, const name *result) {                                                             \
        const name b = *result;                                                                                        \
        return equal;                                                                                                  \
    }                                                                                                                  \
    FOR_EACH_CONVENTION(name)

#define CALLER(name, position, convention, suffix, parameters, arguments)                                              \
    bool name##_##position##suffix(name(convention *callback) parameters, const name *argument, const name *result) {  \
        (void)argument;                                                                                                \
        return name##_equal(callback arguments, result);                                                               \
    }

#define I64_4 int64_t, int64_t, int64_t, int64_t
#define F64_8 double, double, double, double, double, double, double, double

#define CALLERS(name, suffix, convention)                                                                              \
    CALLER(name, alone, convention, suffix, (name), (*argument))                                                       \
    CALLER(name, behind_five, convention, suffix, (uint8_t, double, I64_4, name, int64_t),                             \
           (201, 1.5, -1, -2, -3, -4, *argument, -5))                                                                  \
    CALLER(name, behind_six, convention, suffix, (I64_4, int64_t, int64_t, name, uint8_t),                             \
           (-1, -2, -3, -4, -5, -6, *argument, 201))                                                                   \
    CALLER(name, behind_floats, convention, suffix, (F64_8, name, float),                                              \
           (.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, *argument, 8.5f))                                                   \
    CALLER(name, twice_on_the_stack, convention, suffix, (I64_4, int64_t, int64_t, int64_t, name, uint8_t, name),      \
           (-1, -2, -3, -4, -5, -6, -7, *argument, 201, *argument))                                                    \
    CALLER(name, result_alone, convention, suffix, (void), ())

#define SCALAR(name, type) CLASS(name, type, a == b)
#define BYTES(n) CLASS(bytes_##n, struct { uint8_t bytes[n]; }, memcmp(&a, &b, sizeof a) == 0)
/* A type without padding. */
#define DENSE(name, type) CLASS(name, type, memcmp(&a, &b, sizeof a) == 0)

SCALAR(c_i8, int8_t)
SCALAR(c_i16, int16_t)
SCALAR(c_i32, int32_t)
SCALAR(c_i64, int64_t)
SCALAR(c_u8, uint8_t)
SCALAR(c_u16, uint16_t)
SCALAR(c_u32, uint32_t)
SCALAR(c_u64, uint64_t)
SCALAR(c_bool, bool)
SCALAR(c_f32, float)
SCALAR(c_f64, double)
#if defined(__SIZEOF_INT128__)
SCALAR(c_i128, __int128)
SCALAR(c_u128, unsigned __int128)
CLASS(i8_i128, struct { int8_t x; __int128 y; }, a.x == b.x && a.y == b.y)
#endif

enum colour { RED = 1, GREEN = 2, BLUE = -3 };
typedef int32_t (*function_pointer)(int32_t);
SCALAR(enumeration, enum colour)
SCALAR(pointer, const void *)
SCALAR(reference, const uint32_t *)
SCALAR(optional_reference, const uint32_t *)
SCALAR(function, function_pointer)
SCALAR(optional_function, function_pointer)

BYTES(1)
BYTES(2)
BYTES(3)
BYTES(4)
BYTES(5)
BYTES(7)
BYTES(8)
BYTES(9)
BYTES(12)
BYTES(15)
BYTES(16)
BYTES(17)
BYTES(24)
BYTES(32)
BYTES(33)
BYTES(64)
BYTES(65)
BYTES(9000)

DENSE(one_f32, struct { float x; })
DENSE(two_f32, struct { float x; float y; })
DENSE(three_f32, struct { float x[3]; })
DENSE(four_f32, struct { float x[4]; })
DENSE(five_f32, struct { float x[5]; })
DENSE(one_f64, struct { double x; })
DENSE(two_f64, struct { double x; double y; })
DENSE(three_f64, struct { double x[3]; })
DENSE(four_f64, struct { double x[4]; })
CLASS(f32_f64, struct { float x; double y; }, a.x == b.x && a.y == b.y)

DENSE(two_i64, struct { int64_t x; int64_t y; })
DENSE(three_i64, struct { int64_t x[3]; })
DENSE(i64_f64, struct { int64_t x; double y; })
DENSE(f64_i64, struct { double x; int64_t y; })
DENSE(i32_f32, struct { int32_t x; float y; })
DENSE(f32_i32_f64, struct { float x; int32_t y; double z; })
CLASS(i8_f64, struct { int8_t x; double y; }, a.x == b.x && a.y == b.y)
CLASS(i64_i8, struct { int64_t x; int8_t y; }, a.x == b.x && a.y == b.y)
CLASS(bool_i16_i32, struct { bool x; int16_t y; int32_t z; }, a.x == b.x && a.y == b.y && a.z == b.z)
CLASS(pointer_u32, struct { const void *x; uint32_t y; }, a.x == b.x && a.y == b.y)

DENSE(nested, struct { struct { float x; float y; } point; int64_t z; })
CLASS(nested_deep, struct { struct { struct { int8_t x; } x; struct { int16_t y; } y; } x; float z; },
      a.x.x.x == b.x.x.x && a.x.y.y == b.x.y.y && a.z == b.z)
DENSE(arrays, struct { float x[2]; int32_t y[2]; })
DENSE(array_of_structs, struct { struct { int16_t x; int16_t y; } points[3]; })

CLASS(packed_u8_u32, struct __attribute__((packed)) { uint8_t x; uint32_t y; }, a.x == b.x && a.y == b.y)
CLASS(packed_u8_f64, struct __attribute__((packed)) { uint8_t x; double y; }, a.x == b.x && a.y == b.y)
CLASS(packed_i64_u8, struct __attribute__((packed)) { int64_t x; uint8_t y; }, a.x == b.x && a.y == b.y)

CLASS(align16, struct __attribute__((aligned(16))) { int64_t x; }, a.x == b.x)
DENSE(align16_full, struct __attribute__((aligned(16))) { int64_t x; int64_t y; })
DENSE(align32, struct __attribute__((aligned(32))) { int64_t x[4]; })
CLASS(align64, struct __attribute__((aligned(64))) { int32_t x; }, a.x == b.x)

DENSE(either_i64_f64, union { int64_t x; double y; })
DENSE(either_f64_f32, union { double x; float y[2]; })
CLASS(either_large, union { uint8_t x[23]; double y; }, memcmp(a.x, b.x, sizeof a.x) == 0)

/* The generic vectors are passed as the processor's own of the same size. */
typedef float vector_f32x4 __attribute__((vector_size(16)));
typedef double vector_f64x2 __attribute__((vector_size(16)));
typedef int64_t vector_i64x2 __attribute__((vector_size(16)));
DENSE(f32x4, vector_f32x4)
DENSE(f64x2, vector_f64x2)
DENSE(i64x2, vector_i64x2)
DENSE(one_f32x4, struct { vector_f32x4 x; })
DENSE(two_f32x4, struct { vector_f32x4 x[2]; })
#if defined(__AVX__)
typedef float vector_f32x8 __attribute__((vector_size(32)));
DENSE(f32x8, vector_f32x8)
#endif

/* Every number of arguments, integers and floats in turn: the i-th of them is i. */
#define ARITY(count, parameters, arguments)                                                                            \
    double arity_##count(double (*callback) parameters) { return callback arguments; }

#define I int64_t
#define F double
ARITY(0, (void), ())
ARITY(1, (I), (1))
ARITY(2, (I, F), (1, 2))
ARITY(3, (I, F, I), (1, 2, 3))
ARITY(4, (I, F, I, F), (1, 2, 3, 4))
ARITY(5, (I, F, I, F, I), (1, 2, 3, 4, 5))
ARITY(6, (I, F, I, F, I, F), (1, 2, 3, 4, 5, 6))
ARITY(7, (I, F, I, F, I, F, I), (1, 2, 3, 4, 5, 6, 7))
ARITY(8, (I, F, I, F, I, F, I, F), (1, 2, 3, 4, 5, 6, 7, 8))
ARITY(9, (I, F, I, F, I, F, I, F, I), (1, 2, 3, 4, 5, 6, 7, 8, 9))
ARITY(10, (I, F, I, F, I, F, I, F, I, F), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
ARITY(11, (I, F, I, F, I, F, I, F, I, F, I), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
ARITY(12, (I, F, I, F, I, F, I, F, I, F, I, F), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
ARITY(13, (I, F, I, F, I, F, I, F, I, F, I, F, I), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))
ARITY(14, (I, F, I, F, I, F, I, F, I, F, I, F, I, F), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14))
ARITY(15, (I, F, I, F, I, F, I, F, I, F, I, F, I, F, I), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
ARITY(16, (I, F, I, F, I, F, I, F, I, F, I, F, I, F, I, F), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
