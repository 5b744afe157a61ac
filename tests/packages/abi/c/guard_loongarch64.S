// The guard for loongarch64. The comments say what differs from guard_x86_64.S.
//
// The LoongArch psABI 2.50 ("Register usage") preserves fp, s0-s8, sp, and fs0-fs7. The t registers are free here, and t0 is
// the guard's base.

        .set    RETURN_ADDRESS, 0
        .set    STACK, 8
        .set    INTEGERS, 16
        .set    FLOATS, INTEGERS + 10 * 8
        .set    STATE_BYTES, FLOATS + 8 * 8

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 8
abi_guard_target:  .dword 0
abi_guard_changed: .dword 0
state:  .zero   STATE_BYTES

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "s0 s1 s2 s3 s4 s5 s6 s7 s8 fp fs0 fs1 fs2 fs3 fs4 fs5 fs6 fs7 sp "

        .text

// All upper bits of a mark are set. So the mark changes if some bits are cut off.
        .macro  mark register, bit
        st.d    \register, $t0, INTEGERS + 8 * \bit
        addi.d  \register, $zero, -0x123 - \bit
        .endm

        .macro  check register, bit
        addi.d  $t2, $zero, -0x123 - \bit
        beq     \register, $t2, 2f
        li.d    $t2, 1 << \bit
        or      $t1, $t1, $t2
2:      ld.d    \register, $t0, INTEGERS + 8 * \bit
        .endm

        .macro  mark_float register, bit
        fst.d   \register, $t0, FLOATS + 8 * (\bit - 10)
        addi.d  $t2, $zero, -0x123 - \bit
        movgr2fr.d \register, $t2
        .endm

        .macro  check_float register, bit
        addi.d  $t2, $zero, -0x123 - \bit
        movfr2gr.d $t3, \register
        beq     $t3, $t2, 2f
        li.d    $t2, 1 << \bit
        or      $t1, $t1, $t2
2:      fld.d   \register, $t0, FLOATS + 8 * (\bit - 10)
        .endm

        .macro  each_register integer, float
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8
        \integer $s\number, \number
        .endr
        \integer $fp, 9
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
        \float  $fs\number, (\number + 10)
        .endr
        .endm

guard:  la.local $t0, state
        st.d    $ra, $t0, RETURN_ADDRESS
        st.d    $sp, $t0, STACK
        each_register mark, mark_float
        la.local $t1, abi_guard_target
        ld.d    $t1, $t1, 0
        jirl    $ra, $t1, 0

        la.local $t0, state
        move    $t1, $zero
        each_register check, check_float
        ld.d    $t2, $t0, STACK
        beq     $sp, $t2, 2f
        li.d    $t3, 1 << 18
        or      $t1, $t1, $t3
        move    $sp, $t2
2:      la.local $t2, abi_guard_changed
        st.d    $t1, $t2, 0
        ld.d    $ra, $t0, RETURN_ADDRESS
        ret

        .irp    register, s0, s1, s2, s3, s4, s5, s6, s7, s8, fp
spoil_\register:
        nor     $\register, $\register, $zero
        ret
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
spoil_fs\number:
        fneg.d  $fs\number, $fs\number
        ret
        .endr
spoil_sp:
        addi.d  $sp, $sp, 16
        ret

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .dword guard
abi_guard_every: .dword guard
abi_guard_spoilers:
        .irp    register, s0, s1, s2, s3, s4, s5, s6, s7, s8, fp, fs0, fs1, fs2, fs3, fs4, fs5, fs6, fs7, sp
        .dword  spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, @function
abi_guard_misalign:
        addi.d  $sp, $sp, -24
        st.d    $ra, $sp, 16
        jirl    $ra, $a0, 0
        ld.d    $ra, $sp, 16
        addi.d  $sp, $sp, 24
        ret
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", @progbits
