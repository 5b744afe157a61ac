/*
 * tramp.h - trampolines: C function pointers that carry data, with no code generated at run time.
 *
 * A trampoline is a few instructions in a table that is linked into this library. The library maps this table as often as it
 * is needed, each time with new pages of data beside it. The trampoline loads two words from its data, the target and the data
 * to pass, and jumps to the target. No page is ever writable and executable, neither at the same time nor one after the other.
 *
 * There are three kinds of trampolines, for three kinds of targets:
 *
 * - tramp_alloc_arguments and tramp_alloc_register are for C functions. The function takes the data, its context, as its last
 *   argument:
 *
 *       static int compare(const void *a, const void *b, void *context);
 *
 *       void *tramp = tramp_alloc_arguments(2, 0);                   // two pointers come before the context
 *       tramp_function pointer = tramp_bind(tramp, (tramp_function)compare, &context);
 *       qsort(array, count, size, (int (*)(const void *, const void *))pointer);
 *       ffi_tramp_free(tramp);
 *
 * - tramp_alloc_chain is for nested functions, as compilers make them, and for others that take their context in the register
 *   of the static chain.
 *
 * - ffi_tramp_alloc is for targets in assembly. A target can be entered by any call or jump, with any arguments. The five
 *   functions whose names begin with ffi_tramp are the API of libffi's Static Trampolines RFC (2021), with its protocol:
 *
 * THE PROTOCOL. The trampoline enters the target with a jump. All registers, the flags, the vectors and the stack are as the
 * caller of the trampoline left them, except for the changes in the table. Where the trampoline uses the stack, it puts two
 * words below the caller's stack pointer: the lower word is the caller's value of the scratch register, and the higher word is
 * the data.
 *
 *     processor     scratch        at the target's entry                           to be undone
 *     x86-64        r10            [rsp] = r10, [rsp + 8] = data                   rsp += 16
 *     i386          eax            [esp] = eax, [esp + 4] = data                   esp += 8
 *     arm64         x17            [sp] = x17, [sp + 8] = data; x17 = target       sp += 16
 *     arm           ip (r12)       [sp] = ip, [sp + 4] = data                      sp += 8
 *     riscv64       t2, t1         t1 = data, t2 = target                          nothing
 *     loongarch64   t1, t0         t0 = data, t1 = target                          nothing
 *     s390x         r0, r1         r0 = data, r1 = target                          nothing
 *     ppc64le       r11, r12, ctr  r11 = data, r12 = ctr = target                  nothing
 *
 * On entry, the target takes the data from its place. It loads the scratch register from the stack if it needs the register's
 * value, and it restores the stack pointer. A jump to the trampoline has the same effect as a call. On ppc64le, r12 has to be
 * the trampoline's address in both cases, because the ABI requires this of every call through a pointer. The trampoline
 * overwrites the stack below the stack pointer. So a leaf function that jumps to it must not keep anything in the red zone.
 * A target should begin with endbr64 on x86-64, endbr32 on i386 and bti c on arm64, as other functions behind pointers do. On
 * arm, a target may use either instruction set. A shadow stack does not change, because a trampoline does not return. The
 * source has an example of a target in assembly for each processor.
 *
 * Unwinders know neither the pushes of a trampoline nor its address. So a debugger or profiler that interrupts one of its few
 * instructions does not find the caller, unless it follows frame pointers. Exceptions work, because code can only throw them
 * after the trampoline has jumped.
 *
 * Every thread may call every function. The library holds no lock, so the child of a fork can go on at any moment. The library
 * checks the value of a handle before it reads through it. So if a program passes anything else than a handle, the function
 * fails as described below and touches no memory. One mistake cannot be detected: a handle that was freed and then allocated
 * again.
 *
 * Once it is loaded, the library stays loaded: dlclose does not unload it. It keeps no descriptor open. It reuses freed
 * trampolines, but does not give their memory back: 16 bytes each, or 32 bytes with the protocol on i386, arm64 and arm, and on
 * ppc64le.
 */

#ifndef TRAMP_H
#define TRAMP_H



/*
 For tramp_alloc_chain: the function is a nested function that GCC compiled, in C, Fortran or Ada.
 */
#define TRAMP_CHAIN_GCC 0

/*
 For tramp_alloc_chain: the context is a parameter that LLVM knows as nest, as in flang's internal procedures.
 */
#define TRAMP_CHAIN_LLVM 1

/*
 For tramp_alloc_chain: the function is the code of a libffi closure for Go (ffi_go_closure).
 */
#define TRAMP_CHAIN_LIBFFI 2

/*
 A C function of any type.
 */
typedef void (*tramp_function)(void);

#ifdef __cplusplus
extern "C" {
#endif

/*
 Returns 1 if trampolines are available, and 0 if not.

 A process always gets the same answer. It is 0 only if there are no trampolines for this processor, system or page size,
 or if the system refused every way to map their code for a permanent reason. A lack of memory, descriptors or mappings is
 not such a reason. Then the answer is 1, but ffi_tramp_alloc returns NULL and may succeed later.

 The first call maps the code, unless a trampoline was allocated before. Later calls read one word.
 */
int ffi_tramp_is_supported(void);

/*
 Allocates a trampoline for a target that follows the protocol above.

 flags has to be 0. The function returns NULL if flags is not 0 or if no trampoline is available. If the trampoline is
 called before it has a target, the process aborts with a message.

 Allocating takes no lock. It is not async-signal-safe.
 */
void *ffi_tramp_alloc(int flags);

/*
 Sets the target of a trampoline and the data that it passes to the target.

 The function returns 1. It returns 0 and changes nothing if target is NULL or tramp is not a live trampoline.

 A program may set both again, with one restriction. The function stores data and then target. Each store is atomic, but the
 two together are not. A call that runs at the same time, in another thread or in a signal handler, may see the old value of
 one and the new value of the other. So while calls may run, a program may change only one of the two, and passes the other
 one unchanged. Such a call sees the old or the new value. To change both, a program makes data point to both values, with a
 target that reads them there. No lock is taken, neither here nor in a call.

 A thread sees the new values if it received the trampoline's address afterwards through an acquire operation, such as a
 mutex, an atomic or the start of the thread. The function is async-signal-safe.
 */
int ffi_tramp_set_parms(void *tramp,
                        void *target,
                        void *data);

/*
 Returns the address to call or to jump to, or NULL if tramp is not a live trampoline.

 The address does not change while the trampoline is live, and no other live trampoline has it. The function is
 async-signal-safe.
 */
void *ffi_tramp_get_addr(void *tramp);

/*
 Frees a trampoline of any kind. Any thread may free it. If tramp is NULL, the function does nothing.

 If tramp is not a live trampoline, for instance because it was freed before, the process aborts with a message. It also
 aborts with a message if the address is called afterwards. This ends when the trampoline is allocated again, and that does
 not happen before the same thread has freed 64 other trampolines of its kind. The function does not detect a call that is
 inside the trampoline's instructions at the same time. A call that has reached its target is not affected.

 Freeing takes no lock. It is not async-signal-safe.
 */
void ffi_tramp_free(void *tramp);

/*
 Allocates a trampoline for a C function that takes its context as the last argument.

 integers is the number of the other arguments that are integers or pointers, of at most a pointer's size. floats is the
 number of arguments of type double or float. The order of the arguments does not matter. The function returns NULL if no
 trampoline is available, or if the two numbers do not determine where the last argument is passed.

 - A structure that is returned in memory counts as one more integer, except on arm64.
 - On i386, a float counts as one integer, and a long long as two.
 - On arm, a long long counts as two integers, or as three if an odd number of integers comes before it. floats can be at
   most 8, and must be 0 without hardware for floating-point numbers.
 - Other arguments (structures by value, long double, 128-bit integers, vectors) cannot be counted with these numbers. If
   the context is still passed in a register, use tramp_alloc_register with the name of this register.

 The caller's function pointer has the type of the function without its last argument.
 */
void *tramp_alloc_arguments(unsigned int integers,
                            unsigned int floats);

/*
 Allocates a trampoline for a C function that takes its context in the register with this name.

 The names are "rdi", "rsi", "rdx", "rcx", "r8" and "r9" on x86-64, also for functions with Microsoft's convention; "x0" to
 "x7" on arm64; "r0" to "r3" on arm; "a0" to "a7" on riscv64 and loongarch64; "r3" to "r10" on ppc64le; "r2" to "r5" on
 s390x. The function returns NULL for any other name, and always on i386.

 name is NULL or a string.
 */
void *tramp_alloc_register(const char *name);

/*
 Allocates a trampoline for a function that takes its context as its static chain.

 The static chain is the register in which a nested function finds the variables of the function around it. It carries no
 argument. So the function can have any arguments, and the caller's function pointer has the function's own type. user says who
 chose the register:

     processor     TRAMP_CHAIN_GCC   TRAMP_CHAIN_LLVM   TRAMP_CHAIN_LIBFFI
     x86-64        r10               r10                r10
     i386          ecx               ecx                ecx
     arm64         x18               x15                x18
     arm           ip (r12)          none               ip
     riscv64       t2                t2                 t2
     loongarch64   t8                none               t2
     ppc64le       r11               r11                r11
     s390x         r0                none               r0

 The trampoline changes this register, and also eax on i386, x16 on arm64, t1 on riscv64, t0 on loongarch64, r12 and ctr on
 ppc64le, and r1 on s390x. On i386, no argument can be in eax or ecx, as it is with the attributes regparm and fastcall.

 The function returns NULL if no trampoline is available, if user is none of the three, and where the table says none,
 because LLVM 22 passes nest as the first argument there. On arm, LLVM does so only with the hard-float convention. With
 soft-float it uses ip, so TRAMP_CHAIN_GCC is right for it. On arm64, LLVM 20 and earlier used x18. On Android the function
 also returns NULL where the register would be x18, because x18 belongs to the system. On other systems, x18 belongs to the
 shadow call stack of programs that are compiled with -fsanitize=shadow-call-stack. Such a program must not use these
 trampolines.
 */
void *tramp_alloc_chain(int user);

/*
 Sets the function and the context of a trampoline from tramp_alloc_arguments, tramp_alloc_register or tramp_alloc_chain,
 and returns the pointer to call.

 The caller casts the pointer to the function's type, without its last argument if that is the context. The function returns
 NULL and changes nothing if function is NULL or tramp is not a live trampoline.

 It does the work of ffi_tramp_set_parms and ffi_tramp_get_addr, with the same rules. A caller does not have to cast a function
 to void *, which C does not guarantee to work.
 */
tramp_function tramp_bind(void *tramp,
                          tramp_function function,
                          void *context);

#ifdef __cplusplus
}
#endif

#endif  /* TRAMP_H */
