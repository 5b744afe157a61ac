/*
 * Calls back with variable arguments: every type that C passes there, more arguments than there are registers, and named
 * arguments of every kind in front.
 *
 * Each compiler that is found compiles this file, into a table that VARIADIC_CALLERS names. A callback also gets a letter
 * for each argument that a call passes, and each value as an integer. For a floating-point number that is its double.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expected {
    const char *types;
    const int64_t *values;
};

static char place;

/* Reads the arguments after those that Rust has read. Returns how many arguments differ. */
static int32_t differ(const char *types, const int64_t *values, va_list list) {
    int32_t wrong = 0;
    for (; *types; types++, values++) {
        int64_t value = 0;
        switch (*types) {
        case 'i': value = va_arg(list, int); break;
        case 'u': value = va_arg(list, unsigned); break;
        case 'l': value = va_arg(list, long); break;
        case 'q': value = va_arg(list, long long); break;
        case 'z': value = (int64_t)va_arg(list, size_t); break;
        case 'p': value = va_arg(list, char *) - &place; break;
        case 'd': value = (int64_t)(va_arg(list, double) * 2); break;
        case 'L': value = (int64_t)(va_arg(list, long double) * 2); break;
        }
        wrong += value != *values;
    }
    return wrong;
}

typedef int32_t (*typed)(const struct expected *, const char *place, ...);

#define CALL(types, values, ...) sum += callback(&(struct expected){types, (int64_t[])values}, &place, __VA_ARGS__)
#define VALUES(...) {__VA_ARGS__}

/* The sum of what the callback returns, and how many calls there were. */
static int32_t of_each_type(typed callback, int32_t *calls) {
    int32_t sum = 0;
    float narrow = 2.5f;
    short little = -3;
    char letter = 'a';
    _Bool yes = 1;
    CALL("i", VALUES(-1), -1);
    CALL("d", VALUES(3), 1.5);
    CALL("diuLq", VALUES(5, -3, 97, 5, 1), narrow, little, letter, (long double)narrow, (long long)yes);
    CALL("iulq", VALUES(INT_MIN, UINT_MAX, LONG_MIN, LLONG_MIN), INT_MIN, UINT_MAX, LONG_MIN, LLONG_MIN);
    CALL("iulq", VALUES(INT_MAX, 0, LONG_MAX, LLONG_MAX), INT_MAX, 0U, LONG_MAX, LLONG_MAX);
    CALL("iqiqidid", VALUES(1, 2, 3, 4, 5, 13, 7, 17), 1, 2LL, 3, 4LL, 5, 6.5, 7, 8.5);
    CALL("iiiiiiiiiiii", VALUES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    CALL("dddddddddddd", VALUES(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23), .5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5,
         10.5, 11.5);
    CALL("idqpdliudzdidqpdild", VALUES(1, 5, 3, 0, 11, -6, -7, 8, 19, 10, 23, 12, 27, -14, 1, 33, 17, 18, 39), 1, 2.5, 3LL,
         &place, 5.5, -6L, -7, 8U, 9.5, (size_t)10, 11.5, 12, 13.5, -14LL, &place + 1, 16.5, 17, 18L, 19.5);
    CALL("LiLLddLqL", VALUES(3, 2, 7, 9, 11, 13, 15, 8, 19), 1.5L, 2, 3.5L, 4.5L, 5.5, 6.5, 7.5L, 8LL, 9.5L);
    *calls = 10;
    return sum;
}

static int32_t formats(int (*callback)(void *, const char *, ...), void *context) {
    return callback(context, "%s: %d of %.1f%c", "disk", 7, 9.5, '!') + callback(context, "no arguments at all") +
           callback(context, "%d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) +
           callback(context, "%*d|%-300s|", 5, 42, "long");
}

static void five_named(void (*callback)(const char *file, int line, const char *function, int error, const char *format, ...)) {
    callback("card.c", 12, "open", -2, "%s %d", "hw", 3);
}

static double mixed_named(double (*callback)(double, int, float, ...)) {
    return callback(1.5, 8, 2.5f, 1.0, 2, 3.0, 4, 5.0, 6, 7.0, 8);
}

static bool narrow_named(bool (*callback)(signed char, unsigned char, short, unsigned short, bool, long long, char *, ...)) {
    return callback(-1, 200, -300, 60000, true, -5, &place, 6, 7.5, 8LL);
}

/* More arguments of each kind than there are registers, and arguments that need padding behind others. */
static float many_named(float (*callback)(float, double, int, float, long long, double, signed char, float, float, double,
                                          double, float, float, double, double, float, int, float, signed char, short,
                                          long long, int, int, ...)) {
    return callback(.5f, 1.5, 2, 3.5f, 4, 5.5, 6, 7.5f, 8.5f, 9.5, 10.5, 11.5f, 12.5f, 13.5, 14.5, 15.5f, 16, 17.5f, 18, 19,
                    20, 21, 22, 23.5, 24, 25.5, 26LL, 27);
}

static bool results(signed char (*narrow)(int, ...), long long (*wide)(int, ...), char *(*pointer)(int, ...),
                    float (*single)(int, ...), void (*nothing)(int, ...)) {
    nothing(1, 2);
    return narrow(1, 2) == -3 && wide(1, 2) == INT64_C(-5000000000) && pointer(1, &place) == &place + 1 &&
           single(1, 2.5) == 3.5f;
}

/* Calls, and continues unless the callback unwinds. */
static void once(void (*callback)(int, ...), int32_t *returned) {
    callback(1, 2, 3.5);
    *returned = 1;
}

static int64_t often(int32_t (*callback)(void *, const char *, ...), void *context, int64_t count) {
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += callback(context, "", (int)i, 2.0, 3L);
    }
    return sum;
}

const struct {
    const char *compiler;
    int32_t (*differ)(const char *, const int64_t *, va_list);
    int32_t (*of_each_type)(typed, int32_t *);
    int32_t (*formats)(int (*)(void *, const char *, ...), void *);
    void (*five_named)(void (*)(const char *, int, const char *, int, const char *, ...));
    double (*mixed_named)(double (*)(double, int, float, ...));
    bool (*narrow_named)(bool (*)(signed char, unsigned char, short, unsigned short, bool, long long, char *, ...));
    float (*many_named)(float (*)(float, double, int, float, long long, double, signed char, float, float, double, double,
                                  float, float, double, double, float, int, float, signed char, short, long long, int, int,
                                  ...));
    bool (*results)(signed char (*)(int, ...), long long (*)(int, ...), char *(*)(int, ...), float (*)(int, ...),
                    void (*)(int, ...));
    void (*once)(void (*)(int, ...), int32_t *);
    int64_t (*often)(int32_t (*)(void *, const char *, ...), void *, int64_t);
} VARIADIC_CALLERS = {
#if defined(__clang__)
    "clang",
#else
    "gcc",
#endif
    differ, of_each_type, formats, five_named, mixed_named, narrow_named, many_named, results, once, often,
};
