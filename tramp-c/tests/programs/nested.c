/* The functions of libtramp_nested, called as compilers call them. ci/languages has compilers do it. */
#include "check.h"

#include <sys/resource.h>

void __gcc_nested_func_ptr_created(void *chain, void *function, void *pointer);
void __gcc_nested_func_ptr_deleted(void);
void *_FortranATrampolineInit(void *scratch, const void *procedure, const void *chain);
void *_FortranATrampolineAdjust(void *tramp);
void _FortranATrampolineFree(void *tramp);

/* Nested functions: they return their static chain. */
#if defined __x86_64__
#define CODE "movq %r10, %rax; ret"
#elif defined __i386__
#define CODE "movl %ecx, %eax; ret"
#elif defined __aarch64__
#define CODE "mov x0, x18; ret"
#define NEST "mov x0, x15; ret"
#elif defined __arm__
#define CODE "mov r0, ip; bx lr"
#define NEST ""
#elif defined __riscv
#define CODE "mv a0, t2; ret"
#elif defined __loongarch__
#define CODE "move $a0, $t8; jr $ra"
#define NEST ""
#elif defined __powerpc64__
#define CODE "mr 3, 11; blr"
#elif defined __s390x__
#define CODE "lgr %r2, %r0; br %r14"
#define NEST ""
#endif
#ifndef NEST
#define NEST CODE
#endif
#ifdef __arm__
#define FUNCTION(name) ".arm; .globl " #name "; .type " #name ", %function; " #name ": "
#else
#define FUNCTION(name) ".globl " #name "; " #name ": "
#endif
__asm__(".text; .balign 16; " FUNCTION(gcc_nested) CODE "; " FUNCTION(llvm_nested) NEST "; .balign 16");
void *gcc_nested(void), *llvm_nested(void);

typedef void *(*function)(void);
#define NOINLINE __attribute__((noinline))

/* A function with two nested ones. */
static NOINLINE void around(int depth) {
    struct {
        void *first, *second;
    } frame;
    __gcc_nested_func_ptr_created(&frame, (void *)gcc_nested, &frame.first);
    __gcc_nested_func_ptr_created(&depth, (void *)gcc_nested, &frame.second);
    CHECK(frame.first != frame.second);
    if (depth > 0) around(depth - 1);
    CHECK(((function)frame.first)() == &frame);
    CHECK(((function)frame.second)() == &depth);
    __gcc_nested_func_ptr_deleted();
    CHECK(((function)frame.first)() == &frame);
    __gcc_nested_func_ptr_deleted();
}

static NOINLINE void delete_nothing(void *argument) {
    (void)argument;
    around(3);
    __gcc_nested_func_ptr_deleted();
}

static NOINLINE void call_late(void *argument) {
    void *pointer;
    __gcc_nested_func_ptr_created(argument, (void *)gcc_nested, &pointer);
    __gcc_nested_func_ptr_deleted();
    ((function)pointer)();
}

static NOINLINE void exhaust(void *argument) {
    (void)argument;
    around(0);
    struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_AS, &none) == 0);
    around(20000);
}

static NOINLINE void init(void *chain) { _FortranATrampolineInit(NULL, (void *)llvm_nested, chain); }

static void fortran(void) {
    int chains[300];
    void *tramps[300];
    if (!*NEST) {
        check_dies(init, chains, "libtramp_nested: there are no trampolines for nested functions on this processor");
        return;
    }
    for (int i = 0; i < 300; i++) tramps[i] = _FortranATrampolineInit(NULL, (void *)llvm_nested, &chains[i]);
    for (int i = 0; i < 300; i++) CHECK(((function)_FortranATrampolineAdjust(tramps[i]))() == &chains[i]);
    for (int i = 0; i < 300; i++) _FortranATrampolineFree(tramps[i]);
}

int main(int count, char **arguments) {
    (void)arguments;
    check_dies(delete_nothing, NULL, "libtramp_nested: a nested function's trampoline was deleted that is not live");
    for (int depth = 0; depth < 100; depth++) around(depth);
    check_dies(call_late, &count, "libtramp_nested: a nested function was called after the function around it had returned");
    if (count == 1) check_dies(exhaust, NULL, "libtramp_nested: there is no trampoline for a nested function");
    fortran();
    return 0;
}
