/*
 * tramp.h - trampolines: C function pointers that carry data, with no code generated at run time.
 *
 * A trampoline is a few instructions of a table that is linked into this library and mapped again, as often as needed,
 * beside a data page for each. It loads two words from there, the data and the target, and jumps to the target. No page is
 * ever writable and executable, at once or one after the other.
 *
 * Two kinds of trampolines are for two kinds of targets:
 *
 * - tramp_alloc_arguments and tramp_alloc_register are for C functions that take the data, their context, as last argument:
 *
 *       static int compare(const void *a, const void *b, void *context);
 *
 *       void *tramp = tramp_alloc_arguments(2, 0);                   // two pointers come before the context
 *       tramp_function pointer = tramp_bind(tramp, (tramp_function)compare, &context);
 *       qsort(array, count, size, (int (*)(const void *, const void *))pointer);
 *       ffi_tramp_free(tramp);
 *
 * - ffi_tramp_alloc is for targets in assembly that can be entered by any call or jump, of whatever arguments. This is the API
 *   of libffi's Static Trampolines RFC (2021), by its names, and its protocol:
 *
 * THE PROTOCOL. The target is entered by a jump, with every register, the flags, the vectors and the stack as the caller of
 * the trampoline left them, but for what the table says. Where the stack is used, two words lie below the caller's
 * stack pointer: the lower one is the scratch register as the caller left it, the higher one is the data.
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
 * So the target has, on entry, to take the data from where it is, to load the scratch register from the stack if its value
 * is wanted, and to put the stack pointer back. A jump to the trampoline arrives as a call does; on ppc64le r12 has to be
 * the trampoline's address either way, as the ABI demands of whoever calls through a pointer. The stack below the stack
 * pointer is overwritten: who jumps there from a leaf function keeps nothing in the red zone. On x86-64 and i386 targets
 * should begin with endbr64 or endbr32, on arm64 with bti c, as other functions behind pointers do; on arm they may be of
 * either instruction set. In a shadow stack nothing changes: there is no return. A target in assembly for each processor is
 * among the examples of the source.
 *
 * Neither the pushes of a trampoline nor its address are known to unwinders: a debugger or profiler that interrupts one of
 * its few instructions does not find the caller, except where it follows frame pointers. Exceptions pass, for they are
 * thrown behind it.
 *
 * All functions may be called by all threads. No lock is held anywhere, so the child of a fork can go on at any moment.
 * A handle is judged by its value alone and never followed before it is known for a trampoline's: whatever is passed instead
 * of one is an error, as said at each function, and touches no memory. What cannot be told is a handle that was freed and
 * meanwhile allocated again.
 *
 * The library stays loaded once it was: dlclose does not unload it, and it keeps no descriptor open. Freed trampolines are
 * reused, their memory is not given back: 16 bytes each, 32 on i386, arm64 and arm (with the protocol) and ppc64le.
 */

#ifndef TRAMP_H
#define TRAMP_H



/*
 A C function of whatever type.
 */
typedef void (*tramp_function)(void);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Says whether there are trampolines: 1 if so, 0 if not.

 The first answer is the only one that a process ever gets. It is 0 only if there are none for this processor, system or
 size of pages, or if every way to map their code was refused for a reason that will last. Want of memory, descriptors
 or mappings is no such reason: then ffi_tramp_alloc returns NULL for now, and may succeed later.

 The first call maps the code, unless a trampoline was allocated before. Later ones read one word.
 */
int ffi_tramp_is_supported(void);

/*
 Allocates a trampoline for a target that keeps to the protocol above.

 flags has to be 0; the result is NULL for anything else, and if there is no trampoline to be had. Until it is given a
 target, a call of its address aborts the process with a message.

 Allocating takes no lock. It is not async-signal-safe.
 */
void *ffi_tramp_alloc(int flags);

/*
 Gives a trampoline its target and the data that the target is passed. Returns 1; or 0, with nothing changed, if target is
 NULL or tramp is not a live trampoline.

 It may be repeated. Each of the two is stored at once, data before target, but not both: a call in another thread, or in
 a signal handler, that runs meanwhile may find one of them old and one new. So it is allowed to change one of them
 while the trampoline may be called, the other being given again as it is: such a call has the old one or the new one.
 It is not allowed to change both, unless no call can run at the same time. Who has to exchange both passes data that
 points to both, with a target that looks there. There is no lock, and a call does not pay for any.

 Whoever is handed the address afterwards in a way that is an acquire operation (another thread by a mutex, an atomic or
 its creation) finds what was set. It is async-signal-safe.
 */
int ffi_tramp_set_parms(void *tramp,
                        void *target,
                        void *data);

/*
 Returns the address to call as a function, or to jump to; NULL if tramp is not a live trampoline.

 It is the same for as long as the trampoline lives, and no other live trampoline's. It is async-signal-safe.
 */
void *ffi_tramp_get_addr(void *tramp);

/*
 Frees a trampoline of any kind, by any thread. NULL is nothing to free.

 If tramp is not a live trampoline (freed before, or anything else) the process aborts with a message. So it does if the
 address is called afterwards, until the trampoline is allocated again, which is not before 64 others of its kind were
 freed by the same thread. A call that is on its way through the trampoline while it is freed is not seen; one that has
 reached its target is not concerned.

 Freeing takes no lock. It is not async-signal-safe.
 */
void ffi_tramp_free(void *tramp);

/*
 Allocates a trampoline for a C function that takes, behind its other arguments, the context as its last one.

 integers is how many of the other arguments are integers or pointers, of at most a pointer's size; floats, how many are
 of type double, or float but for what is said below. Their order does not matter. The result is NULL if there is no
 trampoline to be had, or if the numbers do not tell where the last argument is passed.

 - A structure that is returned in memory counts as one more integer, except on arm64.
 - On i386 a float counts as an integer, and a long long as two.
 - On arm a long long counts as two integers, and as three if the integers before it are an odd number; floats can be up
   to 8, and 0 without hardware for them.
 - Other arguments (structures by value, long double, 128-bit integers, vectors) are not counted by these numbers. If they
   leave the context in a register, tramp_alloc_register can be told which.

 What the caller's function pointer has to look like is the function's type without the last argument.
 */
void *tramp_alloc_arguments(unsigned int integers,
                            unsigned int floats);

/*
 The same for a context that the function takes in a register, by the name of the register: "rdi", "rsi", "rdx", "rcx",
 "r8" or "r9" on x86-64, also for functions with Microsoft's convention; "x0" to "x7" on arm64; "r0" to "r3" on arm; "a0" to
 "a7" on riscv64 and loongarch64; "r3" to "r10" on ppc64le; "r2" to "r5" on s390x. NULL if there is no such register, as
 there is none on i386.

 name is NULL or a string.
 */
void *tramp_alloc_register(const char *name);

/*
 Gives a trampoline of tramp_alloc_arguments or tramp_alloc_register its function and context, and returns the pointer to
 call, to be cast to the function's type without its last argument. NULL, with nothing changed, if function is NULL or
 tramp is not a live trampoline.

 It is ffi_tramp_set_parms and ffi_tramp_get_addr in one, with their rules, and frees the caller of casting functions to
 void *, which C does not promise to work.
 */
tramp_function tramp_bind(void *tramp,
                          tramp_function function,
                          void *context);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TRAMP_H */
