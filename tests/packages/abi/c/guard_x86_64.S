// The guard for x86-64. See values.h. The guard of each processor has:
//
//   abi_guard_target      what to call
//   abi_guard_changed     afterwards, bit i: the i-th register was not preserved
//   abi_guard_registers   their names, each with a space behind it
//   abi_guard, …          pointers to entries, one for each set of preserved registers
//   abi_guard_every       the one of all registers
//   abi_guard_spoilers    to test the guard: a function for each register, which changes it
//   abi_guard_misalign    to test the check of stack alignment: calls its argument with a misaligned stack
//
// System V (psABI 1.0, figure 3.4 "Register Usage") preserves rbx rbp r12-r15 and rsp. Microsoft's convention also preserves
// rdi rsi and xmm6-xmm15.
//
// While the target runs, the return address and the registers' values are in memory. So its stack arguments are where they
// would be without the guard. But only one thread may use the guard at a time, and nothing can unwind through it.

        .intel_syntax noprefix

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 16
abi_guard_target:  .quad 0
abi_guard_changed: .quad 0

        .balign 16
return_address: .quad 0
stack:          .quad 0
integers:       .fill 8, 8, 0
vectors:        .fill 10 * 16, 1, 0
vector:         .fill 16, 1, 0
marks:          .irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
                .quad 0x123456789abcdef0 + \number, 0xfedcba9876543210 - \number
                .endr

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "rbx rbp r12 r13 r14 r15 rsp rdi rsi xmm6 xmm7 xmm8 xmm9 xmm10 xmm11 xmm12 xmm13 xmm14 xmm15 "

        .text

// Saves a register and puts a mark into it: negative as 32 bits, so that cutting off its upper half changes it.
        .macro  mark register, bit
        mov     [rip + integers + 8 * \bit], \register
        mov     \register, -0x12345678 - \bit
        .endm

// Notes if the mark is gone, and puts back what was saved.
        .macro  check register, bit
        cmp     \register, -0x12345678 - \bit
        je      2f
        or      dword ptr [rip + abi_guard_changed], 1 << \bit
2:      mov     \register, [rip + integers + 8 * \bit]
        .endm

        .macro  mark_vectors
        .irp    number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  [rip + vectors + 16 * (\number - 6)], xmm\number
        movups  xmm\number, [rip + marks + 16 * (\number - 6)]
        .endr
        .endm

        .macro  check_vectors
        .irp    number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  [rip + vector], xmm\number
        mov     r11, [rip + vector]
        cmp     r11, [rip + marks + 16 * (\number - 6)]
        jne     2f
        mov     r11, [rip + vector + 8]
        cmp     r11, [rip + marks + 16 * (\number - 6) + 8]
        je      3f
2:      or      dword ptr [rip + abi_guard_changed], 1 << (\number + 3)
3:      movups  xmm\number, [rip + vectors + 16 * (\number - 6)]
        .endr
        .endm

        .macro  enter_guard
        pop     qword ptr [rip + return_address]
        mov     [rip + stack], rsp
        mov     dword ptr [rip + abi_guard_changed], 0
        mark    rbx, 0
        mark    rbp, 1
        mark    r12, 2
        mark    r13, 3
        mark    r14, 4
        mark    r15, 5
        .endm

        .macro  leave_guard
        check   rbx, 0
        check   rbp, 1
        check   r12, 2
        check   r13, 3
        check   r14, 4
        check   r15, 5
        cmp     rsp, [rip + stack]
        je      2f
        or      dword ptr [rip + abi_guard_changed], 1 << 6
        mov     rsp, [rip + stack]
2:      push    qword ptr [rip + return_address]
        ret
        .endm

guard:  enter_guard
        call    [rip + abi_guard_target]
        leave_guard

guard_ms:
        enter_guard
        mark_vectors
        mark    rdi, 7
        mark    rsi, 8
        call    [rip + abi_guard_target]
        check   rdi, 7
        check   rsi, 8
        check_vectors
        leave_guard

        .irp    register, rbx, rbp, r12, r13, r14, r15, rdi, rsi
spoil_\register:
        not     \register
        ret
        .endr
        .irp    number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
spoil_xmm\number:
        pcmpeqd xmm\number, xmm\number
        ret
        .endr
spoil_rsp:
        ret     8

#if defined(_WIN32)
#define FIRST_ARGUMENT rcx
#define FUNCTION(name) .globl name
#else
#define FIRST_ARGUMENT rdi
#define FUNCTION(name) .globl name; .type name, @function
#endif

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_ms, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .quad guard
abi_guard_ms:    .quad guard_ms
abi_guard_every: .quad guard_ms
abi_guard_spoilers:
        .irp    register, rbx, rbp, r12, r13, r14, r15, rsp, rdi, rsi, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15
        .quad   spoil_\register
        .endr

        .text
FUNCTION(abi_guard_misalign)
abi_guard_misalign:
        sub     rsp, 16 + 32                            // and a callee's home
        call    FIRST_ARGUMENT
        add     rsp, 16 + 32
        ret

#if !defined(_WIN32)
        .section .note.GNU-stack, "", @progbits
#endif
