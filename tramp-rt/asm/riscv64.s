// The thunks, the routines and the code that calls the probe, for riscv64.
//
// Convention: RISC-V psABI 1.0 ("Integer Register Convention", "Integer Calling Convention"). t2 is the static chain of
// GCC and LLVM. All t registers are free at a call.
//
// A thunk, 12 bytes and 4 of padding. TRAMP_DISTANCE is a multiple of 4 KiB, so `auipc` alone makes the address.
//
//   auipc a2, TRAMP_DISTANCE >> 12
//   ld    t1, 8(a2)
//   jr    t1

        .macro  tramp_thunk register, bytes
        auipc   \register, TRAMP_DISTANCE >> 12
        ld      t1, TRAMP_SLOT_HANDLER(\register)
        jr      t1
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk t2, \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, a0, a1, a2, a3, a4, a5, a6, a7
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything is unchanged, except t1 = the context and t2 = the
// target. A register's thunk changes that register and t1.
        .macro  tramp_protocol_thunk
        auipc   t2, TRAMP_DISTANCE >> 12
        ld      t1, TRAMP_SLOT_CONTEXT(t2)
        ld      t2, TRAMP_SLOT_HANDLER(t2)
        jr      t2
        .balign TRAMP_PROTOCOL_BYTES
        .endm

        .macro  tramp_context_thunk register
        auipc   t1, TRAMP_DISTANCE >> 12
        ld      \register, TRAMP_SLOT_CONTEXT(t1)
        ld      t1, TRAMP_SLOT_HANDLER(t1)
        jr      t1
        .balign TRAMP_CONTEXT_BYTES
        .endm

// The static chain, which the psABI puts into t2.
        .macro  tramp_each_chain each
        \each   t2
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        .option push
        .option norvc
        .option norelax
        tramp_all_tables

// Lowers the stack pointer and touches each page on the way: x86_64.s.
        .macro  tramp_lower bytes, page
        lui     \page, 1                                // 4096
4:      bltu    \bytes, \page, 5f
        sub     sp, sp, \page
        sd      zero, 0(sp)
        sub     \bytes, \bytes, \page
        j       4b
5:      sub     sp, sp, \bytes
        .endm

// On entry, t2 = a stack slot. Changes t0 to t6.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        addi    sp, sp, -16
        .cfi_def_cfa_offset 16
        sd      ra, 8(sp)
        sd      s0, 0(sp)
        .cfi_offset ra, -8
        .cfi_offset s0, -16
        addi    s0, sp, 16                              // the caller's stack arguments
        .cfi_def_cfa s0, 0

        lwu     t0, TRAMP_STACK_SLOT_BYTE_COUNT(t2)
        lwu     t1, TRAMP_STACK_SLOT_FRAME(t2)
        tramp_lower t1, t3

        add     t4, sp, t0
        .if     \context
        ld      t5, TRAMP_SLOT_CONTEXT(t2)
        sd      t5, 0(t4)
        .else
        sd      t2, 0(t4)
        .endif
        j       3f
2:      add     t4, s0, t0
        ld      t5, 0(t4)
        add     t4, sp, t0
        sd      t5, 0(t4)
3:      addi    t0, t0, -8
        bgez    t0, 2b

        ld      t1, TRAMP_STACK_SLOT_STACK_HANDLER(t2)
        jalr    t1
        addi    sp, s0, -16
        .cfi_def_cfa sp, 16
        ld      ra, 8(sp)
        ld      s0, 0(sp)
        addi    sp, sp, 16
        .cfi_def_cfa_offset 0
        .cfi_restore ra
        .cfi_restore s0
        ret
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with t2 = a stack slot. a0 to a7 come to lie
// below the caller's stack arguments, so that all lie one behind the other. A dynamic slot's result is in a0 and fa0.
        .option push
        .option arch, +d
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        .set    TRAMP_INTEGERS, TRAMP_SPILLED_BYTES + 16
        .set    TRAMP_FRAME, TRAMP_INTEGERS + 64
        addi    sp, sp, -TRAMP_FRAME
        .cfi_def_cfa_offset TRAMP_FRAME
        sd      ra, TRAMP_SPILLED_BYTES(sp)
        .cfi_offset ra, TRAMP_SPILLED_BYTES - TRAMP_FRAME
        sd      a0, TRAMP_INTEGERS(sp)
        sd      a1, TRAMP_INTEGERS + 8(sp)
        sd      a2, TRAMP_INTEGERS + 16(sp)
        sd      a3, TRAMP_INTEGERS + 24(sp)
        sd      a4, TRAMP_INTEGERS + 32(sp)
        sd      a5, TRAMP_INTEGERS + 40(sp)
        sd      a6, TRAMP_INTEGERS + 48(sp)
        sd      a7, TRAMP_INTEGERS + 56(sp)
        fsd     fa0, TRAMP_SPILLED_FLOATS(sp)
        fsd     fa1, TRAMP_SPILLED_FLOATS + 8(sp)
        fsd     fa2, TRAMP_SPILLED_FLOATS + 16(sp)
        fsd     fa3, TRAMP_SPILLED_FLOATS + 24(sp)
        fsd     fa4, TRAMP_SPILLED_FLOATS + 32(sp)
        fsd     fa5, TRAMP_SPILLED_FLOATS + 40(sp)
        fsd     fa6, TRAMP_SPILLED_FLOATS + 48(sp)
        fsd     fa7, TRAMP_SPILLED_FLOATS + 56(sp)
        mv      a0, sp
        addi    a1, sp, TRAMP_INTEGERS
        mv      a2, t2
        .if     \dynamic
        addi    a3, sp, TRAMP_SPILLED_BYTES + 8
        .endif

        ld      t1, TRAMP_STACK_SLOT_STACK_HANDLER(t2)
        jalr    t1
        .if     \dynamic
        ld      a0, TRAMP_SPILLED_BYTES + 8(sp)
        fld     fa0, TRAMP_SPILLED_BYTES + 8(sp)
        .endif
        ld      ra, TRAMP_SPILLED_BYTES(sp)
        .cfi_restore ra
        addi    sp, sp, TRAMP_FRAME
        .cfi_def_cfa_offset 0
        ret
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1
        .option pop

// extern "C" fn(function: a0, registers: a1, stack: a2, stack_words: a3)
        tramp_function {tramp}_call_marked
        addi    sp, sp, -16
        .cfi_def_cfa_offset 16
        sd      ra, 8(sp)
        sd      s0, 0(sp)
        .cfi_offset ra, -8
        .cfi_offset s0, -16
        addi    s0, sp, 16
        .cfi_def_cfa s0, 0

        mv      t0, a0
        mv      t1, a1
        slli    t3, a3, 3
        sub     t4, sp, t3
        addi    t4, t4, -64
        andi    sp, t4, -64
        j       3f
2:      add     t4, a2, t3
        ld      t5, 0(t4)
        add     t4, sp, t3
        sd      t5, 0(t4)
3:      addi    t3, t3, -8
        bgez    t3, 2b

        ld      a0, 0(t1)
        ld      a1, 8(t1)
        ld      a2, 16(t1)
        ld      a3, 24(t1)
        ld      a4, 32(t1)
        ld      a5, 40(t1)
        ld      a6, 48(t1)
        ld      a7, 56(t1)
        jalr    t0
        addi    sp, s0, -16
        .cfi_def_cfa sp, 16
        ld      ra, 8(sp)
        ld      s0, 0(sp)
        addi    sp, sp, 16
        .cfi_def_cfa_offset 0
        .cfi_restore ra
        .cfi_restore s0
        ret
        tramp_end {tramp}_call_marked
        .option pop

        .purgem tramp_thunk
        .purgem tramp_context_thunk
