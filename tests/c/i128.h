/*
 * Clang before version 18 breaks the psABI of x86-64: it passes one half of an integer of 128 bits in the last register
 * and the other on the stack. GCC, later versions and rustc 1.95 leave the register alone.
 */
#if defined(__clang__) && __clang_major__ < 18 && defined(__x86_64__)
#warning "this Clang is old: its code passes no integers of 128 bits to the tests"
#define I128_IS_AS_ELSEWHERE 0
#else
#define I128_IS_AS_ELSEWHERE 1
#endif
