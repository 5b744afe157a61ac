/* A program that has the C library and a library in Rust which has closures for C. */
#include "check.h"

long beside(long n);
long example_handler(void *context, long argument) { return *(long *)context + argument; }

typedef long call(long);

int main(void) {
    long forty = 40;
    void *tramp = ffi_tramp_alloc(0);
    CHECK(tramp && ffi_tramp_set_parms(tramp, (void *)example_target, &forty) == 1);
    CHECK(((call *)ffi_tramp_get_addr(tramp))(2) == 42);
    CHECK(beside(1) == 50 + 49 * 50 / 2);
    CHECK(((call *)ffi_tramp_get_addr(tramp))(2) == 42);
    ffi_tramp_free(tramp);
    return 0;
}
