/*
 * A library that leaves callbacks by longjmp, as Lua's errors and those of libjpeg, libpng, R and PostgreSQL do.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

struct protection {
    jmp_buf there;
    struct protection *outer;
    volatile int32_t code;
};

static _Thread_local struct protection *innermost;

/* As lua_pcall: calls back and gives the result, or minus the code that the callback was left with. */
int32_t jumps_protect(int32_t (*callback)(int32_t), int32_t argument) {
    struct protection here = {.outer = innermost};
    volatile int32_t result = 0;
    innermost = &here;
    if (setjmp(here.there) == 0) {
        result = callback(argument);
    }
    innermost = here.outer;
    return here.code == 0 ? result : -here.code;
}

/* The same with user data. */
int32_t jumps_protect_data(int32_t (*callback)(int32_t, void *), int32_t argument, void *data) {
    struct protection here = {.outer = innermost};
    volatile int32_t result = 0;
    innermost = &here;
    if (setjmp(here.there) == 0) {
        result = callback(argument, data);
    }
    innermost = here.outer;
    return here.code == 0 ? result : -here.code;
}

/* As lua_error: leaves all up to the innermost protected call. */
_Noreturn void jumps_raise(int32_t code) {
    innermost->code = code;
    longjmp(innermost->there, 1);
}
