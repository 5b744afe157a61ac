// The thunks, the routines and the code that calls the probe, for aarch64.
//
// Convention: AAPCS64 2024Q3 (§6.1.1 "General-purpose registers", §6.8 "Parameter passing"). x16 and x17 are for
// veneers, and a thunk is one. x18 belongs to the platform, and this code does not touch it.
//
// A thunk, 16 bytes; `adr` reaches 1 MiB.
//
//   bti  c                      reached by an indirect call (a hint: nothing on processors without BTI)
//   adr  x2, slot
//   ldr  x16, [x2, #8]
//   br   x16                    x16 and x17 are the registers that a landing pad `bti c` lets in: Arm ARM, PSTATE.BTYPE
//
// In COFF the linker may put the slots farther away than `adr` reaches. `adrp` reaches 4 GiB. Views of an image are a multiple of
// 64 KiB apart, so the pages of a thunk and its slot have the same distance in each. There is no room for a landing pad.
//
//   adrp x2, slot               the slot's page
//   add  x2, x2, #…             the slots begin a page, so the assembler knows the place in it
//   ldr  x16, [x2, #8]
//   br   x16

        .set    TRAMP_SEH, TRAMP_COFF

// Makes the frame of a routine, and describes it for the object format's unwinder. x29 and x30 lie at the lower end of `pushed`
// bytes.
        .macro  tramp_enter pushed=16
        stp     x29, x30, [sp, #-\pushed]!
        .if     TRAMP_SEH
        .seh_save_fplr_x \pushed
        .else
        .cfi_def_cfa_offset \pushed
        .cfi_offset w29, -\pushed
        .cfi_offset w30, 8 - \pushed
        .endif
        mov     x29, sp
        .if     TRAMP_SEH
        .seh_set_fp
        .seh_endprologue
        .else
        .cfi_def_cfa w29, \pushed
        .endif
        .endm

        .macro  tramp_leave pushed=16
        .if     TRAMP_SEH
        .seh_startepilogue
        mov     sp, x29
        .seh_set_fp
        ldp     x29, x30, [sp], #\pushed
        .seh_save_fplr_x \pushed
        .seh_endepilogue
        .else
        mov     sp, x29
        .cfi_def_cfa wsp, \pushed
        ldp     x29, x30, [sp], #\pushed
        .cfi_def_cfa_offset 0
        .cfi_restore w29
        .cfi_restore w30
        .endif
        ret
        .endm

// The first instruction of a routine. It is part of the prologue.
        .macro  tramp_landing_pad
        hint    #34                                     // bti c
        .if     TRAMP_SEH
        .seh_nop
        .endif
        .endm

        .macro  tramp_thunk register, bytes
        .if     TRAMP_COFF
        tramp_target
        adrp    \register, {tramp}_slots + tramp_offset
        add     \register, \register, #(tramp_offset & 0xfff)
        .set    tramp_offset, tramp_offset + \bytes
        .else
22:     hint    #34                                     // bti c
        adr     \register, 22b + TRAMP_DISTANCE
        .endif
        ldr     x16, [\register, #TRAMP_SLOT_HANDLER]
        br      x16
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk x17, \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, x0, x1, x2, x3, x4, x5, x6, x7
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything is unchanged, except
//   [sp]       x17, the scratch register            [sp + 8]   the context            sp + 16    sp as it was
// and x17, which holds the target. A register's thunk changes that register and x16.
        .macro  tramp_protocol_thunk
22:     hint    #34                                     // bti c
        str     x17, [sp, #-16]!
        ldr     x17, 22b + TRAMP_DISTANCE + TRAMP_SLOT_CONTEXT
        str     x17, [sp, #8]
        ldr     x17, 22b + TRAMP_DISTANCE + TRAMP_SLOT_HANDLER
        br      x17
        .balign TRAMP_PROTOCOL_BYTES
        .endm

        .macro  tramp_context_thunk register
22:     hint    #34                                     // bti c
        ldr     \register, 22b + TRAMP_DISTANCE + TRAMP_SLOT_CONTEXT
        ldr     x16, 22b + TRAMP_DISTANCE + TRAMP_SLOT_HANDLER
        br      x16
        .balign TRAMP_CONTEXT_BYTES
        .endm

// The static chain: x18 of GCC's nested functions and of libffi, where the platform leaves it to them; x15 of LLVM's `nest`.
        .macro  tramp_each_chain each
        \each   x18
        \each   x15
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        .set    tramp_offset, 0
        tramp_all_tables

// Lowers the stack pointer and touches each page on the way: x86_64.s.
        .macro  tramp_lower bytes
4:      cmp     \bytes, #4096
        b.lo    5f
        sub     sp, sp, #4096
        str     xzr, [sp]
        sub     \bytes, \bytes, #4096
        b       4b
5:      sub     sp, sp, \bytes
        .endm

// On entry, x17 = a stack slot. Changes x9 to x12, x16, x17. x8, the return pointer, passes through.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        tramp_landing_pad
        tramp_enter

        ldr     w9, [x17, #TRAMP_STACK_SLOT_BYTE_COUNT]
        ldr     w10, [x17, #TRAMP_STACK_SLOT_FRAME]
        tramp_lower x10
        add     x11, x29, #16                           // the caller's stack arguments

        .if     \context
        ldr     x12, [x17, #TRAMP_SLOT_CONTEXT]
        str     x12, [sp, x9]
        .else
        str     x17, [sp, x9]
        .endif
        b       3f
2:      ldr     x12, [x11, x9]
        str     x12, [sp, x9]
3:      subs    x9, x9, #8
        b.hs    2b

        ldr     x16, [x17, #TRAMP_STACK_SLOT_STACK_HANDLER]
        blr     x16
        tramp_leave
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with x17 = a stack slot. A dynamic slot's
// result is in x0 and d0.
//
// On Windows a variadic function has no argument in v0 to v7, and its `va_list` is a pointer that goes on from x7 to the stack
// ("Overview of ARM64 ABI conventions", "Addendum: Variadic functions"). So x0 to x7 are stored right below the stack's arguments.
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        tramp_landing_pad
        .if     TRAMP_COFF * (1 - \dynamic)
        tramp_enter 80
        stp     x0, x1, [x29, #16]
        stp     x2, x3, [x29, #32]
        stp     x4, x5, [x29, #48]
        stp     x6, x7, [x29, #64]
        .else
        tramp_enter

        sub     sp, sp, #TRAMP_DYNAMIC_BYTES + \dynamic * TRAMP_RETURNED_BYTES
        stp     x0, x1, [sp]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     q0, q1, [sp, #TRAMP_DYNAMIC_FLOATS]
        stp     q2, q3, [sp, #TRAMP_DYNAMIC_FLOATS + 32]
        stp     q4, q5, [sp, #TRAMP_DYNAMIC_FLOATS + 64]
        stp     q6, q7, [sp, #TRAMP_DYNAMIC_FLOATS + 96]
        .endif
        mov     x0, sp
        add     x1, x29, #16                            // the caller's stack arguments, or x0 where it is stored below them
        mov     x2, x17
        .if     \dynamic
        sub     x3, x29, #TRAMP_RETURNED_BYTES
        .endif

        ldr     x16, [x17, #TRAMP_STACK_SLOT_STACK_HANDLER]
        blr     x16
        .if     \dynamic
        ldur    x0, [x29, #-TRAMP_RETURNED_BYTES]
        fmov    d0, x0
        .endif
        .if     TRAMP_COFF * (1 - \dynamic)
        tramp_leave 80
        .else
        tramp_leave
        .endif
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "C" fn(function: x0, registers: x1, stack: x2, stack_words: x3)
        tramp_function {tramp}_call_marked
        tramp_enter

        mov     x9, x0
        mov     x10, x1
        mov     x11, x2
        lsl     x12, x3, #3
        sub     x13, sp, x12
        sub     x13, x13, #64
        and     sp, x13, #-64
        b       3f
2:      ldr     x13, [x11, x12]
        str     x13, [sp, x12]
3:      subs    x12, x12, #8
        b.hs    2b

        ldr     x8, [x10]                               // a return pointer is written through
        ldp     x0, x1, [x10]
        ldp     x2, x3, [x10, #16]
        ldp     x4, x5, [x10, #32]
        ldp     x6, x7, [x10, #48]
        blr     x9
        tramp_leave
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
        .purgem tramp_enter
        .purgem tramp_leave
        .purgem tramp_landing_pad
