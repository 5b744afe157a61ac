// The guard for powerpc64le. The comments say what differs from guard_x86_64.S.
//
// The OpenPOWER ELFv2 ABI 1.5 ("Register Roles", §2.2.3 "The Stack Frame") preserves r14-r31, f14-f31, v20-v31, r1, and the fields
// 2 to 4 of cr. In the caller's frame, it preserves the back chain and the doubleword for r2, which is the TOC pointer. The
// caller restores r2 itself. Nobody changes r13, which is the thread pointer.
//
// r0, r11 and r12 are free here. After the call, r5-r10 are free as well. r12 is the guard's base. A function that is called
// through a pointer has its own address in r12 (§2.2.1). So the guard finds its state without a TOC.

        .set    RETURN_ADDRESS, 0
        .set    STACK, 8
        .set    CONDITION, 16
        .set    BACK_CHAIN, 24
        .set    TOC, 32
        .set    TARGET, 40
        .set    CHANGED, 48
        .set    SCRATCH, 64
        .set    INTEGERS, SCRATCH + 16
        .set    FLOATS, INTEGERS + 18 * 8
        .set    VECTORS, FLOATS + 18 * 8
        .set    STATE_BYTES, VECTORS + 12 * 16

        // The bits of abi_guard_changed.
        .set    FIRST_FLOAT, 18
        .set    FIRST_VECTOR, FIRST_FLOAT + 18
        .set    FIRST_FIELD, FIRST_VECTOR + 12
        .set    FRAME_BACK_CHAIN, FIRST_FIELD + 3
        .set    FRAME_TOC, FRAME_BACK_CHAIN + 1
        .set    STACK_POINTER, FRAME_TOC + 1

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 16
state:  .zero   STATE_BYTES
        .set    abi_guard_target, state + TARGET
        .set    abi_guard_changed, state + CHANGED

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .ascii  "r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 r25 r26 r27 r28 r29 r30 r31 "
        .ascii  "f14 f15 f16 f17 f18 f19 f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 "
        .ascii  "v20 v21 v22 v23 v24 v25 v26 v27 v28 v29 v30 v31 cr2 cr3 cr4 "
        .asciz  "back_chain toc r1 "

        .text
        .machine power8

// All upper bits of a mark are set. So the mark changes if some bits are cut off.
        .macro  mark number
        std     \number, INTEGERS + 8 * (\number - 14)(12)
        li      \number, -0x1234 - \number
        .endm

        .macro  mark_float number
        stfd    \number, FLOATS + 8 * (\number - 14)(12)
        li      11, -0x1234 - \number
        mtvsrd  \number, 11
        .endm

        .macro  mark_vector number
        li      11, VECTORS + 16 * (\number - 20)
        stvx    \number, 12, 11
        li      11, -0x1234 - \number
        std     11, SCRATCH(12)
        neg     11, 11
        std     11, SCRATCH + 8(12)
        li      11, SCRATCH
        lvx     \number, 12, 11
        .endm

// Sets a bit in r9 if the result of the last comparison is not `equal`.
        .macro  note bit
        beq     0, 2f
        li      10, 1
        sldi    10, 10, \bit
        or      9, 9, 10
2:
        .endm

        .macro  check number
        cmpdi   \number, -0x1234 - \number
        note    (\number - 14)
        ld      \number, INTEGERS + 8 * (\number - 14)(12)
        .endm

        .macro  check_float number
        mfvsrd  11, \number
        cmpdi   11, -0x1234 - \number
        note    (\number - 14 + FIRST_FLOAT)
        lfd     \number, FLOATS + 8 * (\number - 14)(12)
        .endm

        .macro  check_vector number
        li      11, SCRATCH
        stvx    \number, 12, 11
        ld      11, SCRATCH(12)
        cmpdi   11, -0x1234 - \number
        note    (\number - 20 + FIRST_VECTOR)
        ld      11, SCRATCH + 8(12)
        cmpdi   11, 0x1234 + \number
        note    (\number - 20 + FIRST_VECTOR)
        li      11, VECTORS + 16 * (\number - 20)
        lvx     \number, 12, 11
        .endm

        .macro  each_register integer, float, vector
        .irp    number, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        \integer \number
        \float  \number
        .endr
        .irp    number, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        \vector \number
        .endr
        .endm

// The mark of a field is its number.
        .macro  check_field number
        rlwinm  11, 8, 4 * (\number + 1), 28, 31
        cmpdi   11, \number
        note    (\number - 2 + FIRST_FIELD)
        .endm

        .macro  check_frame saved, offset, bit
        ld      11, \saved(12)
        ld      10, \offset(7)
        cmpd    11, 10
        std     11, \offset(7)
        note    \bit
        .endm

        .balign 16
guard:  addis   12, 12, (state - guard)@ha
        addi    12, 12, (state - guard)@l
        mflr    0
        std     0, RETURN_ADDRESS(12)
        std     1, STACK(12)
        ld      0, 0(1)
        std     0, BACK_CHAIN(12)
        ld      0, 24(1)
        std     0, TOC(12)
        mfcr    0
        std     0, CONDITION(12)
        lis     0, 0x0023
        ori     0, 0, 0x4000
        mtcrf   0x38, 0                                 // the fields 2 to 4
        each_register mark, mark_float, mark_vector
        ld      12, TARGET(12)
        mtctr   12
        bctrl

        mfcr    8
        bcl     20, 31, 3f
3:      mflr    12
        addis   12, 12, (state - 3b)@ha
        addi    12, 12, (state - 3b)@l
        li      9, 0
        each_register check, check_float, check_vector
        check_field 2
        check_field 3
        check_field 4
        ld      7, STACK(12)
        check_frame BACK_CHAIN, 0, FRAME_BACK_CHAIN
        check_frame TOC, 24, FRAME_TOC
        cmpd    1, 7
        mr      1, 7
        note    STACK_POINTER
        std     9, CHANGED(12)
        ld      0, CONDITION(12)
        mtcrf   0x38, 0
        ld      0, RETURN_ADDRESS(12)
        mtlr    0
        blr

        .irp    number, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
spoil_r\number:
        not     \number, \number
        blr
spoil_f\number:
        fneg    \number, \number
        blr
        .endr
        .irp    number, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
spoil_v\number:
        vspltisb \number, 0
        blr
        .endr
        .irp    number, 2, 3, 4
spoil_cr\number:
        crnot   4 * \number + 3, 4 * \number + 3
        blr
        .endr
spoil_back_chain:
        std     1, 0(1)
        blr
spoil_toc:
        ld      0, 24(1)
        not     0, 0
        std     0, 24(1)
        blr
spoil_r1:
        addi    1, 1, -32
        blr

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .quad guard
abi_guard_every: .quad guard
abi_guard_spoilers:
        .irp    number, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        .quad   spoil_r\number
        .endr
        .irp    number, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        .quad   spoil_f\number
        .endr
        .irp    register, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30, v31, cr2, cr3, cr4, back_chain, toc, r1
        .quad   spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, @function
        .balign 16
abi_guard_misalign:
        mflr    0
        std     0, 16(1)
        stdu    1, -(32 + 8)(1)
        std     2, 24(1)
        mr      12, 3
        mtctr   12
        bctrl
        ld      2, 24(1)
        addi    1, 1, 32 + 8
        ld      0, 16(1)
        mtlr    0
        blr
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", @progbits
