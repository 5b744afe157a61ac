// The guard for riscv64. The comments say what differs from guard_x86_64.S.
//
// The RISC-V psABI 1.0 ("Integer Register Convention", "Floating-point Register Convention") preserves s0-s11, sp, and with
// doubles in registers fs0-fs11. The t registers are free here, and t0 is the guard's base.

        .set    RETURN_ADDRESS, 0
        .set    STACK, 8
        .set    INTEGERS, 16
        .set    FLOATS, INTEGERS + 12 * 8
        .set    STATE_BYTES, FLOATS + 12 * 8

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 8
abi_guard_target:  .dword 0
abi_guard_changed: .dword 0
state:  .zero   STATE_BYTES

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 fs0 fs1 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 sp "

        .text

// All upper bits of a mark are set. So the mark changes if some bits are cut off.
        .macro  mark register, bit
        sd      \register, (INTEGERS + 8 * \bit)(t0)
        li      \register, -0x1234 - \bit
        .endm

        .macro  check register, bit
        li      t2, -0x1234 - \bit
        beq     \register, t2, 2f
        li      t2, 1 << \bit
        or      t1, t1, t2
2:      ld      \register, (INTEGERS + 8 * \bit)(t0)
        .endm

        .macro  mark_float register, bit
        fsd     \register, (FLOATS + 8 * (\bit - 12))(t0)
        li      t2, -0x1234 - \bit
        fmv.d.x \register, t2
        .endm

        .macro  check_float register, bit
        li      t2, -0x1234 - \bit
        fmv.x.d t3, \register
        beq     t3, t2, 2f
        li      t2, 1 << \bit
        or      t1, t1, t2
2:      fld     \register, (FLOATS + 8 * (\bit - 12))(t0)
        .endm

        .macro  each_register integer, float
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        \integer s\number, \number
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        \float  fs\number, (\number + 12)
        .endr
        .endm

guard:  lla     t0, state
        sd      ra, RETURN_ADDRESS(t0)
        sd      sp, STACK(t0)
        each_register mark, mark_float
        lla     t1, abi_guard_target
        ld      t1, (t1)
        jalr    t1

        lla     t0, state
        li      t1, 0
        each_register check, check_float
        ld      t2, STACK(t0)
        beq     sp, t2, 2f
        li      t3, 1 << 24
        or      t1, t1, t3
        mv      sp, t2
2:      lla     t2, abi_guard_changed
        sd      t1, (t2)
        ld      ra, RETURN_ADDRESS(t0)
        ret

        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
spoil_s\number:
        not     s\number, s\number
        ret
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
spoil_fs\number:
        fsgnjn.d fs\number, fs\number, fs\number
        ret
        .endr
spoil_sp:
        addi    sp, sp, 16
        ret

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .dword guard
abi_guard_every: .dword guard
abi_guard_spoilers:
        .irp    register, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
        .dword  spoil_\register
        .endr
        .irp    register, fs0, fs1, fs2, fs3, fs4, fs5, fs6, fs7, fs8, fs9, fs10, fs11, sp
        .dword  spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, @function
abi_guard_misalign:
        addi    sp, sp, -24
        sd      ra, 16(sp)
        jalr    a0
        ld      ra, 16(sp)
        addi    sp, sp, 24
        ret
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", @progbits
