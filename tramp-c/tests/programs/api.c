/* The functions' promises one by one, and what becomes of misuse. */
#include <sys/mman.h>

#include "check.h"

long example_handler(void *context, long argument) { return *(long *)context + argument; }
static long other_handler(long argument, void *context) { return *(long *)context * argument; }

typedef long call(long);

static void call_it(void *address) { ((call *)address)(1); }
static void free_it(void *tramp) { ffi_tramp_free(tramp); }
static void free_twice(void *tramp) { ffi_tramp_free(tramp), ffi_tramp_free(tramp); }

/* Live handles refuse nothing; whatever else is refused, and stays what it is. */
static void unknown(void *tramp) {
    long context = 1;
    CHECK(ffi_tramp_set_parms(tramp, (void *)example_target, &context) == 0);
    CHECK(ffi_tramp_get_addr(tramp) == NULL);
    CHECK(tramp_bind(tramp, (tramp_function)other_handler, &context) == NULL);
}

static void refused(void *tramp) {
    unknown(tramp);
    if (tramp) check_dies(free_it, tramp, "not a live trampoline");
    else ffi_tramp_free(NULL);
}

/* No address near a live handle is a handle, except the other handles. */
static void near(void *tramp, void **others) {
    for (int offset = -64; offset <= 64; offset++) {
        void *near = (char *)tramp + offset;
        if (near != tramp && near != others[0] && near != others[1] && near != others[2]) unknown(near);
    }
    for (int bit = 0; bit < (int)sizeof(void *) * 8; bit++) {
        void *near = (void *)((uintptr_t)tramp ^ (uintptr_t)1 << bit);
        if (near != others[0] && near != others[1] && near != others[2]) unknown(near);
    }
    for (uintptr_t run = 1 << 10; run <= 1 << 16; run *= 2) unknown((void *)((uintptr_t)tramp & ~(run - 1))); /* headers */
    refused((char *)tramp + 1);
    refused((char *)tramp - 1);
    CHECK(ffi_tramp_get_addr(tramp) != NULL);
}

static void all(void *tramp, const char *name) {
    (void)name;
    CHECK(tramp != NULL);
    void *address = ffi_tramp_get_addr(tramp);
    CHECK(address != NULL && ffi_tramp_get_addr(tramp) == address);
    check_dies(call_it, address, "called before it was given a target");
    CHECK(ffi_tramp_set_parms(tramp, NULL, NULL) == 0); /* no target */
    check_dies(call_it, address, "called before it was given a target");
}

int main(void) {
    int supported = ffi_tramp_is_supported();
    CHECK(supported == 1);
    CHECK(ffi_tramp_alloc(1) == NULL && ffi_tramp_alloc(-1) == NULL && ffi_tramp_alloc(1 << 30) == NULL);

    /* The protocol's */
    long forty = 40, two = 2;
    void *tramp = ffi_tramp_alloc(0), *other = ffi_tramp_alloc(0);
    all(tramp, "protocol");
    void *address = ffi_tramp_get_addr(tramp);
    CHECK(address != ffi_tramp_get_addr(other));
    CHECK(ffi_tramp_set_parms(tramp, (void *)example_target, &forty) == 1);
    CHECK(((call *)address)(2) == 42);
    CHECK(ffi_tramp_set_parms(tramp, (void *)example_target, &two) == 1);
    CHECK(((call *)address)(2) == 4);

    /* A C function's */
    void *bound = tramp_alloc_arguments(1, 0);
    all(bound, "arguments");
    call *times = (call *)tramp_bind(bound, (tramp_function)other_handler, &forty);
    CHECK((void *)times == ffi_tramp_get_addr(bound) && times(3) == 120);
    CHECK(ffi_tramp_set_parms(bound, (void *)other_handler, &two) == 1 && times(3) == 6);
    CHECK(tramp_bind(bound, NULL, &forty) == NULL && times(3) == 6);
    void *behind = tramp_alloc_arguments(9, 0);
    all(behind, "stack");
    CHECK(tramp_alloc_register(NULL) == NULL && tramp_alloc_register("") == NULL && tramp_alloc_register("sp") == NULL);
    CHECK(tramp_alloc_arguments(~0u, ~0u) == NULL);

    /* What is no trampoline */
    uint64_t random = 88172645463325252;
    long local = 0;
    void *page = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    refused(NULL);
    refused(&local);
    refused((void *)refused);
    refused(page);
    refused((void *)~(uintptr_t)0);
    refused((void *)(uintptr_t)1);
    refused(address); /* the thunk */
    near(tramp, (void *[]){other, bound, behind});
    near(bound, (void *[]){tramp, other, behind});
    near(behind, (void *[]){tramp, other, bound});
    for (unsigned integers = 0; integers < 12; integers++) { /* in every register, and on the stack */
        void *last = tramp_alloc_arguments(integers, 0);
        near(last, (void *[]){other, bound, behind});
        ffi_tramp_free(last);
    }
    refused((char *)tramp + (1 << 12) * 3); /* a slot that nobody was given yet */
    for (int i = 0; i < 20; i++) {
        void *wild = (void *)(uintptr_t)next_random(&random);
        CHECK(ffi_tramp_set_parms(wild, (void *)example_target, NULL) == 0 && ffi_tramp_get_addr(wild) == NULL);
    }
    CHECK(((call *)address)(2) == 4 && times(3) == 6);

    /* After free */
    void *late[] = {tramp, bound, behind};
    for (int i = 0; i < 3; i++) {
        void *entry = ffi_tramp_get_addr(late[i]);
        check_dies(free_twice, late[i], "not a live trampoline");
        ffi_tramp_free(late[i]);
        check_dies(call_it, entry, i == 0 ? "a trampoline was called after it was freed" : "called after");
        refused(late[i]);
        /* It is not handed out again at once. */
        for (int more = 0; more < 64; more++) {
            void *next = i == 0 ? ffi_tramp_alloc(0) : tramp_alloc_arguments(i == 1 ? 1 : 9, 0);
            CHECK(next != NULL && next != late[i]);
            ffi_tramp_free(next);
        }
    }
    ffi_tramp_free(other);
    CHECK(ffi_tramp_is_supported() == supported);
    return 0;
}
