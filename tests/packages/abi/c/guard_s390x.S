// The guard for s390x. The comments say what differs from guard_x86_64.S.
//
// The s390x ELF ABI 1.6 (§1.2.2 "Register Roles") preserves r6-r13, r15 and f8-f15. r6 also has the fifth argument. So it gets
// no mark, and is compared with what it was. r0 and r1 are free here. After the call, r3-r5 are free, too. r1 is the guard's
// base. The target may use the caller's save area, because the guard saves registers in memory.

        .set    RETURN_ADDRESS, 0
        .set    STACK, 8
        .set    R6, 16
        .set    INTEGERS, 24
        .set    FLOATS, INTEGERS + 7 * 8
        .set    STATE_BYTES, FLOATS + 8 * 8

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 8
abi_guard_target:  .quad 0
abi_guard_changed: .quad 0
state:  .fill   STATE_BYTES, 1, 0

        .section .rodata
        .globl  abi_guard_registers
        .balign 2
abi_guard_registers:
        .asciz  "r7 r8 r9 r10 r11 r12 r13 f8 f9 f10 f11 f12 f13 f14 f15 r6 r15 "

        .text

// All upper bits of a mark are set. So the mark changes if some bits are cut off.
        .macro  mark register, bit
        stg     \register, INTEGERS + 8 * \bit(%r1)
        lghi    \register, -0x1234 - \bit
        .endm

        .macro  check register, bit
        lghi    %r0, -0x1234 - \bit
        cgr     \register, %r0
        je      2f
        oill    %r3, 1 << \bit
2:      lg      \register, INTEGERS + 8 * \bit(%r1)
        .endm

        .macro  mark_float register, bit
        std     \register, FLOATS + 8 * (\bit - 7)(%r1)
        lghi    %r0, -0x1234 - \bit
        ldgr    \register, %r0
        .endm

        .macro  check_float register, bit
        lghi    %r0, -0x1234 - \bit
        lgdr    %r4, \register
        cgr     %r4, %r0
        je      2f
        oill    %r3, 1 << \bit
2:      ld      \register, FLOATS + 8 * (\bit - 7)(%r1)
        .endm

        .macro  each_register integer, float
        .irp    number, 7, 8, 9, 10, 11, 12, 13
        \integer %r\number, (\number - 7)
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
        \float  %f\number, (\number - 1)
        .endr
        .endm

        .balign 16
guard:  larl    %r1, state
        stg     %r14, RETURN_ADDRESS(%r1)
        stg     %r6, R6(%r1)
        stg     %r15, STACK(%r1)
        each_register mark, mark_float
        lgrl    %r1, abi_guard_target
        basr    %r14, %r1

        larl    %r1, state
        lghi    %r3, 0
        each_register check, check_float
        cg      %r6, R6(%r1)
        je      2f
        oill    %r3, 1 << 15
2:      lg      %r6, R6(%r1)
        cg      %r15, STACK(%r1)
        je      2f
        oilh    %r3, 1                                  // bit 16
        lg      %r15, STACK(%r1)
2:
        stgrl   %r3, abi_guard_changed
        lg      %r14, RETURN_ADDRESS(%r1)
        br      %r14

        .irp    number, 6, 7, 8, 9, 10, 11, 12, 13
spoil_r\number:
        aghi    %r\number, 1
        br      %r14
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
spoil_f\number:
        lcdfr   %f\number, %f\number
        br      %r14
        .endr
spoil_r15:
        aghi    %r15, -160
        br      %r14

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .quad guard
abi_guard_every: .quad guard
abi_guard_spoilers:
        .irp    register, r7, r8, r9, r10, r11, r12, r13, f8, f9, f10, f11, f12, f13, f14, f15, r6, r15
        .quad   spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, @function
        .balign 16
abi_guard_misalign:
        stmg    %r14, %r15, 112(%r15)
        lgr     %r0, %r15
        aghi    %r15, -(160 + 4)
        stg     %r0, 0(%r15)                            // the back chain
        basr    %r14, %r2
        lmg     %r14, %r15, 112 + 160 + 4(%r15)
        br      %r14
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", @progbits
