// The thunks, the routines and the code that calls the probe, for loongarch64.
//
// Convention: LoongArch psABI 2.50 ("Register usage", "Procedure calling convention"). All t registers are free at a call.
//
// A thunk, 12 bytes and 4 of padding. TRAMP_DISTANCE is a multiple of 4 KiB, so `pcaddu12i` alone makes the address.
//
//   pcaddu12i $a2, TRAMP_DISTANCE >> 12
//   ld.d      $t0, $a2, 8
//   jr        $t0

        .macro  tramp_thunk register, bytes
        pcaddu12i \register, TRAMP_DISTANCE >> 12
        ld.d    $t0, \register, TRAMP_SLOT_HANDLER
        jr      $t0
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk $t8, \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, $a0, $a1, $a2, $a3, $a4, $a5, $a6, $a7
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything is unchanged, except t0 = the context and t1 = the
// target. A register's thunk changes that register and t0.
        .macro  tramp_protocol_thunk
        pcaddu12i $t1, TRAMP_DISTANCE >> 12
        ld.d    $t0, $t1, TRAMP_SLOT_CONTEXT
        ld.d    $t1, $t1, TRAMP_SLOT_HANDLER
        jr      $t1
        .balign TRAMP_PROTOCOL_BYTES
        .endm

        .macro  tramp_context_thunk register
        pcaddu12i $t0, TRAMP_DISTANCE >> 12
        ld.d    \register, $t0, TRAMP_SLOT_CONTEXT
        ld.d    $t0, $t0, TRAMP_SLOT_HANDLER
        jr      $t0
        .balign TRAMP_CONTEXT_BYTES
        .endm

// The static chain: t8 of GCC's nested functions, t2 of libffi.
        .macro  tramp_each_chain each
        \each   $t8
        \each   $t2
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        tramp_all_tables

// Lowers the stack pointer and touches each page on the way: x86_64.s.
        .macro  tramp_lower bytes, page
        lu12i.w \page, 1                                // 4096
4:      bltu    \bytes, \page, 5f
        sub.d   $sp, $sp, \page
        st.d    $zero, $sp, 0
        sub.d   \bytes, \bytes, \page
        b       4b
5:      sub.d   $sp, $sp, \bytes
        .endm

// On entry, t8 = a stack slot. Changes t0 to t5 and t8.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        addi.d  $sp, $sp, -16
        .cfi_def_cfa_offset 16
        st.d    $ra, $sp, 8
        st.d    $fp, $sp, 0
        .cfi_offset 1, -8
        .cfi_offset 22, -16
        addi.d  $fp, $sp, 16                            // the caller's stack arguments
        .cfi_def_cfa 22, 0

        ld.wu   $t0, $t8, TRAMP_STACK_SLOT_BYTE_COUNT
        ld.wu   $t1, $t8, TRAMP_STACK_SLOT_FRAME
        tramp_lower $t1, $t3

        .if     \context
        ld.d    $t5, $t8, TRAMP_SLOT_CONTEXT
        stx.d   $t5, $sp, $t0
        .else
        stx.d   $t8, $sp, $t0
        .endif
        b       3f
2:      ldx.d   $t5, $fp, $t0
        stx.d   $t5, $sp, $t0
3:      addi.d  $t0, $t0, -8
        bge     $t0, $zero, 2b

        ld.d    $t0, $t8, TRAMP_STACK_SLOT_STACK_HANDLER
        jirl    $ra, $t0, 0
        addi.d  $sp, $fp, -16
        .cfi_def_cfa 3, 16
        ld.d    $ra, $sp, 8
        ld.d    $fp, $sp, 0
        addi.d  $sp, $sp, 16
        .cfi_def_cfa_offset 0
        .cfi_restore 1
        .cfi_restore 22
        ret
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with t8 = a stack slot. a0 to a7 come to lie
// below the caller's stack arguments, so that all lie one behind the other. A dynamic slot's result is in a0 and fa0.
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        .set    TRAMP_INTEGERS, TRAMP_SPILLED_BYTES + 16
        .set    TRAMP_FRAME, TRAMP_INTEGERS + 64
        addi.d  $sp, $sp, -TRAMP_FRAME
        .cfi_def_cfa_offset TRAMP_FRAME
        st.d    $ra, $sp, TRAMP_SPILLED_BYTES
        .cfi_offset 1, TRAMP_SPILLED_BYTES - TRAMP_FRAME
        st.d    $a0, $sp, TRAMP_INTEGERS
        st.d    $a1, $sp, TRAMP_INTEGERS + 8
        st.d    $a2, $sp, TRAMP_INTEGERS + 16
        st.d    $a3, $sp, TRAMP_INTEGERS + 24
        st.d    $a4, $sp, TRAMP_INTEGERS + 32
        st.d    $a5, $sp, TRAMP_INTEGERS + 40
        st.d    $a6, $sp, TRAMP_INTEGERS + 48
        st.d    $a7, $sp, TRAMP_INTEGERS + 56
        fst.d   $fa0, $sp, TRAMP_SPILLED_FLOATS
        fst.d   $fa1, $sp, TRAMP_SPILLED_FLOATS + 8
        fst.d   $fa2, $sp, TRAMP_SPILLED_FLOATS + 16
        fst.d   $fa3, $sp, TRAMP_SPILLED_FLOATS + 24
        fst.d   $fa4, $sp, TRAMP_SPILLED_FLOATS + 32
        fst.d   $fa5, $sp, TRAMP_SPILLED_FLOATS + 40
        fst.d   $fa6, $sp, TRAMP_SPILLED_FLOATS + 48
        fst.d   $fa7, $sp, TRAMP_SPILLED_FLOATS + 56
        move    $a0, $sp
        addi.d  $a1, $sp, TRAMP_INTEGERS
        move    $a2, $t8
        .if     \dynamic
        addi.d  $a3, $sp, TRAMP_SPILLED_BYTES + 8
        .endif

        ld.d    $t0, $t8, TRAMP_STACK_SLOT_STACK_HANDLER
        jirl    $ra, $t0, 0
        .if     \dynamic
        ld.d    $a0, $sp, TRAMP_SPILLED_BYTES + 8
        fld.d   $fa0, $sp, TRAMP_SPILLED_BYTES + 8
        .endif
        ld.d    $ra, $sp, TRAMP_SPILLED_BYTES
        .cfi_restore 1
        addi.d  $sp, $sp, TRAMP_FRAME
        .cfi_def_cfa_offset 0
        ret
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "C" fn(function: a0, registers: a1, stack: a2, stack_words: a3)
        tramp_function {tramp}_call_marked
        addi.d  $sp, $sp, -16
        .cfi_def_cfa_offset 16
        st.d    $ra, $sp, 8
        st.d    $fp, $sp, 0
        .cfi_offset 1, -8
        .cfi_offset 22, -16
        addi.d  $fp, $sp, 16
        .cfi_def_cfa 22, 0

        move    $t0, $a0
        move    $t1, $a1
        slli.d  $t3, $a3, 3
        sub.d   $t4, $sp, $t3
        addi.d  $t4, $t4, -64
        bstrins.d $t4, $zero, 5, 0                      // 64 bytes
        move    $sp, $t4
        b       3f
2:      ldx.d   $t5, $a2, $t3
        stx.d   $t5, $sp, $t3
3:      addi.d  $t3, $t3, -8
        bge     $t3, $zero, 2b

        ld.d    $a0, $t1, 0
        ld.d    $a1, $t1, 8
        ld.d    $a2, $t1, 16
        ld.d    $a3, $t1, 24
        ld.d    $a4, $t1, 32
        ld.d    $a5, $t1, 40
        ld.d    $a6, $t1, 48
        ld.d    $a7, $t1, 56
        jirl    $ra, $t0, 0
        addi.d  $sp, $fp, -16
        .cfi_def_cfa 3, 16
        ld.d    $ra, $sp, 8
        ld.d    $fp, $sp, 0
        addi.d  $sp, $sp, 16
        .cfi_def_cfa_offset 0
        .cfi_restore 1
        .cfi_restore 22
        ret
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
