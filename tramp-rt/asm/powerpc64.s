// The thunks, the routines and the code that calls the probe, for powerpc64le.
//
// Convention: OpenPOWER ELFv2 ABI 1.5 (§2.2.1 "Function Call Linkage Protocols", §2.2.3 "The Stack Frame", §2.2.4
// "Parameter Passing in Registers"). A function that is called through a pointer finds its own address in r12,
// §2.2.1.1. That is how a thunk knows its address. r11 is the environment pointer, and r0, r11, r12 and ctr are free at
// a call. No routine here uses the TOC, so no routine sets r2. The functions that they call set r2 from r12. A caller
// through a pointer saves r2 before the call and restores it afterwards.
//
// A thunk, 16 bytes. TRAMP_DISTANCE is a multiple of 64 KiB, so `addis` alone makes the address.
//
//   addis r5, r12, TRAMP_DISTANCE >> 16
//   ld    r12, 8(r5)            the handler finds its own address in r12 as well
//   mtctr r12
//   bctr
//
// The stack arguments are the parameter save area, 32 bytes above the caller's stack pointer. Its first 64 bytes are
// the homes of r3 to r10. The probe's marks, and therefore a slot's byte count, begin there too.

        .macro  tramp_thunk register, bytes
        addis   \register, 12, TRAMP_DISTANCE >> 16
        ld      12, TRAMP_SLOT_HANDLER(\register)
        mtctr   12
        bctr
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk 11, \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, 3, 4, 5, 6, 7, 8, 9, 10
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything is unchanged, except r11 = the context, r12 = the
// target and ctr = the target. These thunks rely on r12, which libffi's do not. All code behind a function pointer may
// rely on it. A register's thunk changes that register, r12 and ctr.
        .macro  tramp_context_thunk register
        addis   \register, 12, TRAMP_DISTANCE >> 16
        ld      12, TRAMP_SLOT_HANDLER(\register)
        ld      \register, TRAMP_SLOT_CONTEXT(\register)
        mtctr   12
        bctr
        .balign TRAMP_CONTEXT_BYTES
        .endm

        .macro  tramp_protocol_thunk
        tramp_context_thunk 11
        .endm

// The static chain is in r11, where the protocol's thunk puts the context.
        .macro  tramp_each_chain each                       // the protocol's thunk serves it
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        tramp_all_tables

// Lowers the stack pointer and touches each page on the way: x86_64.s. r31 holds the caller's stack pointer. It is the
// back chain of a frame of any size, so the stack is valid after each step.
        .macro  tramp_lower bytes
4:      cmpldi  \bytes, 4096
        blt     5f
        stdu    31, -4096(1)
        addi    \bytes, \bytes, -4096
        b       4b
5:      neg     \bytes, \bytes
        stdux   31, 1, \bytes
        .endm

// On entry, r11 = a stack slot. Changes r0, r11, r12, ctr, cr0. r28 to r31 are saved below the caller's frame, where a
// function may use 288 bytes, §2.2.3.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        mflr    0
        std     0, 16(1)
        std     31, -8(1)
        std     30, -16(1)
        std     29, -24(1)
        std     28, -32(1)
        .cfi_offset 65, 16
        .cfi_offset 31, -8
        .cfi_offset 30, -16
        .cfi_offset 29, -24
        .cfi_offset 28, -32
        mr      31, 1
        .cfi_def_cfa_register 31
        mr      30, 11

        lwz     29, TRAMP_STACK_SLOT_BYTE_COUNT(30)
        lwz     28, TRAMP_STACK_SLOT_FRAME(30)
        tramp_lower 28

        addi    12, 1, 32
        .if     \context
        ld      0, TRAMP_SLOT_CONTEXT(30)
        stdx    0, 12, 29
        .else
        stdx    30, 12, 29
        .endif
        addi    28, 31, 32
        b       3f
2:      ldx     0, 28, 29
        stdx    0, 12, 29
3:      addic.  29, 29, -8
        bge     2b

        ld      12, TRAMP_STACK_SLOT_STACK_HANDLER(30)
        mtctr   12
        bctrl
        mr      1, 31
        .cfi_def_cfa_register 1
        ld      0, 16(1)
        mtlr    0
        ld      28, -32(1)
        ld      29, -24(1)
        ld      30, -16(1)
        ld      31, -8(1)
        .cfi_restore 65
        .cfi_restore 28
        .cfi_restore 29
        .cfi_restore 30
        .cfi_restore 31
        blr
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with r11 = a stack slot. The frame has its header
// below what is spilled.
//
// r3 to r10 of a variadic call go to their homes in the caller's parameter save area, §2.2.3.4. Another call need not have one, so
// they go into the frame there. A dynamic slot's result is in r3 and f1.
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        .if     \dynamic
        .set    TRAMP_FLOATS, TRAMP_DYNAMIC_FLOATS
        .set    TRAMP_RESULT, (32 + TRAMP_DYNAMIC_BYTES + 15) & -16
        .set    TRAMP_FRAME, TRAMP_RESULT + TRAMP_RETURNED_BYTES
        .else
        .set    TRAMP_FLOATS, TRAMP_SPILLED_FLOATS
        .set    TRAMP_FRAME, (32 + TRAMP_SPILLED_BYTES + 15) & -16
        .endif
        mflr    0
        std     0, 16(1)
        .cfi_offset 65, 16
        .if     \dynamic
        stdu    1, -TRAMP_FRAME(1)
        .cfi_def_cfa_offset TRAMP_FRAME
        .endif
        std     3, 32(1)
        std     4, 40(1)
        std     5, 48(1)
        std     6, 56(1)
        std     7, 64(1)
        std     8, 72(1)
        std     9, 80(1)
        std     10, 88(1)
        .if     \dynamic
        addi    4, 1, TRAMP_FRAME + 32                  // where the save area is, if there is one
        .else
        addi    4, 1, 32                                // the first argument
        stdu    1, -TRAMP_FRAME(1)
        .cfi_def_cfa_offset TRAMP_FRAME
        .endif
        addi    3, 1, 32
        stfd    1, TRAMP_FLOATS(3)
        stfd    2, TRAMP_FLOATS + 8(3)
        stfd    3, TRAMP_FLOATS + 16(3)
        stfd    4, TRAMP_FLOATS + 24(3)
        stfd    5, TRAMP_FLOATS + 32(3)
        stfd    6, TRAMP_FLOATS + 40(3)
        stfd    7, TRAMP_FLOATS + 48(3)
        stfd    8, TRAMP_FLOATS + 56(3)
        stfd    9, TRAMP_FLOATS + 64(3)
        stfd    10, TRAMP_FLOATS + 72(3)
        stfd    11, TRAMP_FLOATS + 80(3)
        stfd    12, TRAMP_FLOATS + 88(3)
        stfd    13, TRAMP_FLOATS + 96(3)
        mr      5, 11
        .if     \dynamic
        addi    6, 1, TRAMP_RESULT
        .endif

        ld      12, TRAMP_STACK_SLOT_STACK_HANDLER(11)
        mtctr   12
        bctrl
        .if     \dynamic
        ld      3, TRAMP_RESULT(1)
        lfd     1, TRAMP_RESULT(1)
        .endif
        addi    1, 1, TRAMP_FRAME
        .cfi_def_cfa_offset 0
        ld      0, 16(1)
        mtlr    0
        .cfi_restore 65
        blr
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "C" fn(function: r3, registers: r4, stack: r5, stack_words: r6)
        tramp_function {tramp}_call_marked
        mflr    0
        std     0, 16(1)
        std     31, -8(1)
        .cfi_offset 65, 16
        .cfi_offset 31, -8
        mr      31, 1
        .cfi_def_cfa_register 31

        sldi    6, 6, 3
        subf    12, 6, 1
        addi    12, 12, -(32 + 64)
        clrrdi  12, 12, 6
        subf    12, 12, 1
        tramp_lower 12
        std     2, 24(1)

        addi    12, 1, 32
        b       3f
2:      ldx     0, 5, 6
        stdx    0, 12, 6
3:      addic.  6, 6, -8
        bge     2b

        mr      12, 3
        mtctr   12
        mr      11, 4
        ld      3, 0(11)
        ld      4, 8(11)
        ld      5, 16(11)
        ld      6, 24(11)
        ld      7, 32(11)
        ld      8, 40(11)
        ld      9, 48(11)
        ld      10, 56(11)
        bctrl
        ld      2, 24(1)
        mr      1, 31
        .cfi_def_cfa_register 1
        ld      0, 16(1)
        mtlr    0
        ld      31, -8(1)
        .cfi_restore 65
        .cfi_restore 31
        blr
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
