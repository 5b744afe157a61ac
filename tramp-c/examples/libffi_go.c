/*
 * A closure of a type that is known only at run time, a structure by value included, with an unmodified libffi and without code
 * that is made at run time. libffi's closures for Go take their data in the register of the static chain, so the trampoline can be
 * libtramp's:
 *
 *     cc libffi_go.c $(pkg-config --cflags --libs libffi tramp) && ./a.out
 */
#include <ffi.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "tramp.h"

/* libffi passes its address to the function of the closure. */
struct closure {
    ffi_go_closure go;
    void *tramp;
    double factor;
};

struct point {
    double x, y;
    int label;
};

/* double scaled(struct point, int) */
static void scaled(ffi_cif *cif, void *result, void **arguments, void *data) {
    (void)cif;
    const struct closure *closure = data;
    const struct point *point = arguments[0];
    *(double *)result = closure->factor * (point->x + point->y) + point->label + *(int *)arguments[1];
}

/* Makes the pointer to call, or returns NULL. */
static tramp_function closure_make(struct closure *closure, ffi_cif *cif,
                                   void (*function)(ffi_cif *, void *, void **, void *)) {
    if (ffi_prep_go_closure(&closure->go, cif, function) != FFI_OK) return NULL;
    if (!(closure->tramp = tramp_alloc_chain(TRAMP_CHAIN_LIBFFI))) return NULL;
    return tramp_bind(closure->tramp, (tramp_function)closure->go.tramp, closure);
}

int main(void) {
    ffi_type *members[] = {&ffi_type_double, &ffi_type_double, &ffi_type_sint, NULL};
    ffi_type point = {0, 0, FFI_TYPE_STRUCT, members};
    ffi_type *arguments[] = {&point, &ffi_type_sint};
    ffi_cif cif;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_double, arguments) != FFI_OK) return 1;

    struct closure closures[3];
    double (*pointers[3])(struct point, int);
    for (int i = 0; i < 3; i++) {
        closures[i].factor = 10 * (i + 1);
        pointers[i] = (double (*)(struct point, int))closure_make(&closures[i], &cif, scaled);
        if (!pointers[i]) return 1;
    }
    for (int i = 0; i < 3; i++) printf("%g\n", pointers[i]((struct point){1.5, 2.5, i}, 100));
    for (int i = 0; i < 3; i++) ffi_tramp_free(closures[i].tramp);
    return 0;
}
