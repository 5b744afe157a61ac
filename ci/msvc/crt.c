/*
 * What Visual C++'s msvcrt.lib links into a program, as far as tests need it: where it starts, `atexit`, thread-locals,
 * growth of the stack, and control flow guard. Wine does not enforce that, so the function with which the system would replace
 * `__guard_dispatch_icall_fptr` is here: it looks each target up in the table that the linker made. `ci/toolchain` compiles
 * it, by Clang.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__asm__(".section .drectve, \"yn\"\n"
        ".ascii \" -defaultlib:kernel32 -defaultlib:ucrtbase -defaultlib:vcruntime140 -alternatename:main=no_main\"\n"
        ".text\n");

typedef void (*initializer)(void);

int main(int argc, char **argv);

/* A library has none. */
int no_main(void) {
    return 0;
}

int _DllMainCRTStartup(void *library, unsigned long reason, void *reserved) {
    (void)library, (void)reason, (void)reserved;
    return 1;
}

int _fltused = 0x9875;
const void *const type_info_vftable[2] __asm__("??_7type_info@@6B@"); /* panics are compared by name */

/* Constructors lie between the two. */
__declspec(allocate(".CRT$XCA")) const initializer constructors = NULL;
__declspec(allocate(".CRT$XCZ")) const initializer constructors_end = NULL;

void mainCRTStartup(void) {
    static char *argv[] = {"", NULL}; /* Rust asks the system */
    for (const initializer *constructor = &constructors + 1; constructor < &constructors_end; constructor++) {
        if (*constructor != NULL) {
            (*constructor)();
        }
    }
    exit(main(1, argv));
}

/* Visual C++ links this function into each program, because a library has another list of functions than its program. */
int _crt_atexit(initializer function);

int atexit(initializer function) {
    return _crt_atexit(function);
}

/* The PE format, "The .tls Section". */
unsigned long _tls_index;
__declspec(allocate(".tls")) char tls_start = 0;
__declspec(allocate(".tls$ZZZ")) char tls_end = 0;
__declspec(allocate(".CRT$XLA")) const initializer tls_callbacks = NULL;
__declspec(allocate(".CRT$XLZ")) const initializer tls_callbacks_end = NULL;
const struct {
    char *start, *end;
    unsigned long *index;
    const initializer *callbacks;
    uint32_t zeros, characteristics;
} _tls_used = {&tls_start, &tls_end, &_tls_index, &tls_callbacks + 1, 0, 0};

/* Frames of more than a page: each page below has to be touched in turn. */
#ifdef __aarch64__
/* x15 counts 16 bytes. All registers are preserved, except x16 and x17. */
__asm__(".globl __chkstk\n"
        "__chkstk:\n"
        "    lsl x16, x15, #4\n"
        "    mov x17, sp\n"
        "0:  cmp x16, #4096\n"
        "    b.lo 1f\n"
        "    sub x17, x17, #4096\n"
        "    ldr xzr, [x17]\n"
        "    sub x16, x16, #4096\n"
        "    b 0b\n"
        "1:  sub x17, x17, x16\n"
        "    ldr xzr, [x17]\n"
        "    ret\n");
#else
/* rax counts bytes. All registers are preserved. */
__asm__(".globl __chkstk\n"
        "__chkstk:\n"
        "    pushq %rcx\n"
        "    pushq %rax\n"
        "    leaq 24(%rsp), %rcx\n"
        "0:  cmpq $4096, %rax\n"
        "    jb 1f\n"
        "    subq $4096, %rcx\n"
        "    orl $0, (%rcx)\n"
        "    subq $4096, %rax\n"
        "    jmp 0b\n"
        "1:  subq %rax, %rcx\n"
        "    orl $0, (%rcx)\n"
        "    popq %rax\n"
        "    popq %rcx\n"
        "    ret\n");
#endif

/* --- control flow guard --- */

struct memory {
    char *base, *allocation;
    uint32_t allocation_protection, partition;
    size_t bytes;
    uint32_t state, protection, type;
};

size_t VirtualQuery(const void *address, struct memory *memory, size_t bytes);

extern const char __ImageBase[]; /* the linker's */

/* The load configuration below has these: offsets of targets, in order, each with as many more bytes as the uppermost bits of the
 * flags say. */
extern const char *const guard_targets;
extern const size_t guard_target_count;
extern const uint32_t guard_flags;

/* Whether a function may be called: one of another library, or what the table lists, in whichever view of this image. */
int guard_accepts(const char *target) {
    struct memory memory = {0};
    if (guard_target_count == 0) {
        return 1; /* linked without a table */
    }
    if (VirtualQuery(target, &memory, sizeof memory) == 0 || memory.allocation == NULL) {
        return 0;
    }
    if (memcmp(memory.allocation, __ImageBase, 512) != 0) {
        return 1;
    }
    uint32_t offset = (uint32_t)(target - memory.allocation);
    size_t low = 0, high = guard_target_count, stride = sizeof offset + (guard_flags >> 28);
    while (low < high) {
        size_t middle = (low + high) / 2;
        uint32_t listed;
        memcpy(&listed, guard_targets + middle * stride, sizeof listed);
        if (listed == offset) {
            return 1;
        }
        if (listed < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

#ifdef __aarch64__
/* It gets the target in x15. It preserves x15 and the arguments. If it refuses the target, it fast-fails with the system's code
 * for this, FAST_FAIL_GUARD_ICALL_CHECK_FAILURE. */
__asm__("guard_check_only:\n"
        "    stp x29, x30, [sp, #-224]!\n"
        "    mov x29, sp\n"
        "    stp x0, x1, [sp, #16]\n"
        "    stp x2, x3, [sp, #32]\n"
        "    stp x4, x5, [sp, #48]\n"
        "    stp x6, x7, [sp, #64]\n"
        "    stp x8, x15, [sp, #80]\n"
        "    stp q0, q1, [sp, #96]\n"
        "    stp q2, q3, [sp, #128]\n"
        "    stp q4, q5, [sp, #160]\n"
        "    stp q6, q7, [sp, #192]\n"
        "    mov x0, x15\n"
        "    bl guard_accepts\n"
        "    cbnz w0, 0f\n"
        "    mov w0, #10\n"
        "    brk #0xf003\n"
        "0:  ldp x0, x1, [sp, #16]\n"
        "    ldp x2, x3, [sp, #32]\n"
        "    ldp x4, x5, [sp, #48]\n"
        "    ldp x6, x7, [sp, #64]\n"
        "    ldp x8, x15, [sp, #80]\n"
        "    ldp q0, q1, [sp, #96]\n"
        "    ldp q2, q3, [sp, #128]\n"
        "    ldp q4, q5, [sp, #160]\n"
        "    ldp q6, q7, [sp, #192]\n"
        "    ldp x29, x30, [sp], #224\n"
        "    ret\n"
        "guard_dispatch = guard_check_only\n"); /* no code for this processor asks for it */
#else
/* Both fast-fail with the system's code for it, FAST_FAIL_GUARD_ICALL_CHECK_FAILURE. The one gets the target in rax and
 * goes on there, the other gets it in rcx and returns; arguments are in registers meanwhile. */
__asm__(".macro guard_check target\n"
        "    pushq %rbp\n"
        "    movq %rsp, %rbp\n"
        "    andq $-16, %rsp\n"
        "    subq $160, %rsp\n"
        "    movq %rax, 32(%rsp)\n"
        "    movq %rcx, 40(%rsp)\n"
        "    movq %rdx, 48(%rsp)\n"
        "    movq %r8, 56(%rsp)\n"
        "    movq %r9, 64(%rsp)\n"
        "    movq %r10, 72(%rsp)\n"
        "    movq %r11, 80(%rsp)\n"
        "    movups %xmm0, 96(%rsp)\n"
        "    movups %xmm1, 112(%rsp)\n"
        "    movups %xmm2, 128(%rsp)\n"
        "    movups %xmm3, 144(%rsp)\n"
        "    movq \\target, %rcx\n"
        "    callq guard_accepts\n"
        "    testl %eax, %eax\n"
        "    jnz 0f\n"
        "    movl $10, %ecx\n"
        "    int $0x29\n"
        "0:  movq 32(%rsp), %rax\n"
        "    movq 40(%rsp), %rcx\n"
        "    movq 48(%rsp), %rdx\n"
        "    movq 56(%rsp), %r8\n"
        "    movq 64(%rsp), %r9\n"
        "    movq 72(%rsp), %r10\n"
        "    movq 80(%rsp), %r11\n"
        "    movups 96(%rsp), %xmm0\n"
        "    movups 112(%rsp), %xmm1\n"
        "    movups 128(%rsp), %xmm2\n"
        "    movups 144(%rsp), %xmm3\n"
        "    movq %rbp, %rsp\n"
        "    popq %rbp\n"
        ".endm\n"
        "guard_dispatch:\n"
        "    guard_check %rax\n"
        "    jmpq *%rax\n"
        "guard_check_only:\n"
        "    guard_check %rcx\n"
        "    retq\n");
#endif

__asm__(".section .00cfg, \"dr\"\n"
        ".balign 8\n"
        ".globl __guard_dispatch_icall_fptr\n"
        "__guard_dispatch_icall_fptr: .quad guard_dispatch\n"
        ".globl __guard_check_icall_fptr\n"
        "__guard_check_icall_fptr: .quad guard_check_only\n"
        /* IMAGE_LOAD_CONFIG_DIRECTORY64, of which all is zero but what the guard needs. */
        ".section .rdata, \"dr\"\n"
        ".globl _load_config_used\n"
        ".balign 8\n"
        "_load_config_used:\n"
        "    .long 0x118\n"
        "    .zero 0x70 - 4\n"
        "    .quad __guard_check_icall_fptr, __guard_dispatch_icall_fptr\n"
        "guard_targets: .quad __guard_fids_table\n"
        "guard_target_count: .quad __guard_fids_count\n"
        "guard_flags: .long __guard_flags\n"
        "    .zero 0xa0 - 0x94\n"
        "    .quad __guard_iat_table, __guard_iat_count\n"
        "    .quad __guard_longjmp_table, __guard_longjmp_count\n"
        "    .zero 0x108 - 0xc0\n"
        "    .quad __guard_eh_cont_table, __guard_eh_cont_count\n"
        ".text\n");
