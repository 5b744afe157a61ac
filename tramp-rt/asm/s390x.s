// The thunks, the routines and the code that calls the probe, for s390x.
//
// Convention: s390x ELF ABI 1.6 (§1.2.2 "Register Roles", §1.2.3 "Stack Frame", §1.2.5 "Parameter Passing"). r0 and r1
// are free at a call, but r0 cannot be a base or a target. r6 carries the fifth argument, and a call preserves it. So a
// thunk must not change it. Slots that travel in r6 go through a routine that restores r6.
//
// A thunk, 14 bytes and 2 of padding.
//
//   larl  %r4, slot
//   lg    %r1, 8(%r4)
//   br    %r1
//
// The stack arguments begin after the register save area, 160 bytes above the caller's stack pointer.

        .macro  tramp_thunk register, bytes
22:     larl    \register, 22b + TRAMP_DISTANCE
        lg      %r1, TRAMP_SLOT_HANDLER(\register)
        br      %r1
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
22:     larl    %r1, 22b + TRAMP_DISTANCE
        lgr     %r0, %r1
        lg      %r1, TRAMP_SLOT_HANDLER(%r1)
        br      %r1
        .balign \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, %r2, %r3, %r4, %r5
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything is unchanged, except r0 = the context and r1 = the
// target. A register's thunk changes that register and r1.
        .macro  tramp_protocol_thunk
22:     larl    %r1, 22b + TRAMP_DISTANCE
        lmg     %r0, %r1, TRAMP_SLOT_CONTEXT(%r1)
        br      %r1
        .balign TRAMP_PROTOCOL_BYTES
        .endm

        .macro  tramp_context_thunk register
22:     lgrl    \register, 22b + TRAMP_DISTANCE + TRAMP_SLOT_CONTEXT
        lgrl    %r1, 22b + TRAMP_DISTANCE + TRAMP_SLOT_HANDLER
        br      %r1
        .balign TRAMP_CONTEXT_BYTES
        .endm

// The static chain is in r0, where the protocol's thunk puts the context.
        .macro  tramp_each_chain each                       // the protocol's thunk serves it
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        tramp_all_tables

        .macro  tramp_save
        stmg    %r6, %r15, 48(%r15)                     // their places in the caller's save area
        .cfi_offset %r6, -112
        .cfi_offset %r7, -104
        .cfi_offset %r8, -96
        .cfi_offset %r9, -88
        .cfi_offset %r10, -80
        .cfi_offset %r11, -72
        .cfi_offset %r12, -64
        .cfi_offset %r13, -56
        .cfi_offset %r14, -48
        .cfi_offset %r15, -40
        lgr     %r11, %r15
        .cfi_def_cfa_register %r11
        .endm

        .macro  tramp_restore
        lmg     %r6, %r15, 48(%r11)
        .cfi_restore %r6
        .cfi_restore %r7
        .cfi_restore %r8
        .cfi_restore %r9
        .cfi_restore %r10
        .cfi_restore %r11
        .cfi_restore %r12
        .cfi_restore %r13
        .cfi_restore %r14
        .cfi_restore %r15
        .cfi_def_cfa %r15, 160
        br      %r14
        .endm

// Lowers the stack pointer and touches each page on the way: x86_64.s. r11 holds the caller's stack pointer, which is
// the back chain of a frame of any size. The routine has touched the caller's frame only down to 48 bytes above its
// end. So a step is 48 bytes less than a page.
        .set    TRAMP_STEP, 4096 - 48
        .macro  tramp_lower bytes
4:      clgfi   \bytes, TRAMP_STEP
        jl      5f
        aghi    %r15, -TRAMP_STEP
        stg     %r11, 0(%r15)
        aghi    \bytes, -TRAMP_STEP
        j       4b
5:      sgr     %r15, \bytes
        stg     %r11, 0(%r15)                           // the back chain
        .endm

// On entry, r0 = a stack slot. Changes r0, r1.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        .cfi_def_cfa %r15, 160
        tramp_save
        lgr     %r12, %r0
        llgf    %r10, TRAMP_STACK_SLOT_BYTE_COUNT(%r12)
        llgf    %r9, TRAMP_STACK_SLOT_FRAME(%r12)
        tramp_lower %r9

        .if     \context
        lg      %r7, TRAMP_SLOT_CONTEXT(%r12)
        stg     %r7, 160(%r10, %r15)
        .else
        stg     %r12, 160(%r10, %r15)
        .endif
        j       3f
2:      lg      %r7, 160(%r10, %r11)
        stg     %r7, 160(%r10, %r15)
3:      aghi    %r10, -8
        jnm     2b
        lg      %r1, TRAMP_STACK_SLOT_STACK_HANDLER(%r12)
        .endm

        tramp_stack_routine {tramp}_stack, 0
        basr    %r14, %r1
        tramp_restore
        tramp_end {tramp}_stack

// The same routine for a slot that travels in r6. Its byte count is an upper bound for the arguments on the stack.
        tramp_stack_routine {tramp}_stack_r6, 0
        lgr     %r6, %r12
        basr    %r14, %r1
        tramp_restore
        tramp_end {tramp}_stack_r6

        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        basr    %r14, %r1
        tramp_restore
        tramp_end {tramp}_c_stack

        tramp_stack_routine {tramp}_c_stack_r6, 1
        lg      %r6, TRAMP_SLOT_CONTEXT(%r12)
        basr    %r14, %r1
        tramp_restore
        tramp_end {tramp}_c_stack_r6
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with r0 = a stack slot. The registers go to their
// places in the caller's save area, which begins at its stack pointer. A dynamic slot's result is in r2 and f0.
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        .cfi_def_cfa %r15, 160
        stmg    %r2, %r6, 16(%r15)
        stmg    %r14, %r15, 112(%r15)
        .cfi_offset %r14, -48
        .cfi_offset %r15, -40
        std     %f0, TRAMP_SPILLED_FLOATS(%r15)
        std     %f2, TRAMP_SPILLED_FLOATS + 8(%r15)
        std     %f4, TRAMP_SPILLED_FLOATS + 16(%r15)
        std     %f6, TRAMP_SPILLED_FLOATS + 24(%r15)
        lgr     %r2, %r15
        la      %r3, TRAMP_SPILLED_BYTES(%r15)          // the caller's stack arguments
        lgr     %r4, %r0
        lgr     %r1, %r15
        aghi    %r15, -160 - \dynamic * TRAMP_RETURNED_BYTES
        .cfi_def_cfa_offset 320 + \dynamic * TRAMP_RETURNED_BYTES
        stg     %r1, 0(%r15)                            // the back chain
        .if     \dynamic
        la      %r5, 160(%r15)
        .endif

        lg      %r1, TRAMP_STACK_SLOT_STACK_HANDLER(%r4)
        basr    %r14, %r1
        .if     \dynamic
        lg      %r2, 160(%r15)
        ld      %f0, 160(%r15)
        .endif
        lmg     %r14, %r15, 160 + \dynamic * TRAMP_RETURNED_BYTES + 112(%r15)
        .cfi_restore %r14
        .cfi_restore %r15
        .cfi_def_cfa_offset 160
        br      %r14
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "C" fn(function: r2, registers: r3, stack: r4, stack_words: r5)
        tramp_function {tramp}_call_marked
        .cfi_def_cfa %r15, 160
        tramp_save
        lgr     %r1, %r2
        lgr     %r12, %r3
        sllg    %r10, %r5, 3
        lgr     %r9, %r10
        aghi    %r9, 160 + 64
        tramp_lower %r9
        j       3f
2:      lg      %r7, 0(%r10, %r4)
        stg     %r7, 160(%r10, %r15)
3:      aghi    %r10, -8
        jnm     2b

        lmg     %r2, %r6, 0(%r12)
        basr    %r14, %r1
        tramp_restore
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
        .purgem tramp_save
        .purgem tramp_restore
