// The guard for arm with VFP registers. The comments say what differs from guard_x86_64.S.
//
// AAPCS32 2024Q3 (§6.1.1 "Core registers", §6.1.2.1 "VFP register usage conventions") preserves r4-r11, sp, and d8-d15. ip and
// lr are free here. After the call r2 and r3 are free, too, because no target with VFP registers returns a vector in them. ip
// is the guard's base.

        .syntax unified
        .arch   armv7-a
        .fpu    vfpv3-d16
        .arm

        .set    RETURN_ADDRESS, 0
        .set    STACK, 4
        .set    INTEGERS, 8
        .set    FLOATS, INTEGERS + 8 * 4
        .set    TARGET, FLOATS + 8 * 8
        .set    CHANGED, TARGET + 8
        .set    STATE_BYTES, CHANGED + 8

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 8
state:  .fill   STATE_BYTES, 1, 0
        .set    abi_guard_target, state + TARGET
        .set    abi_guard_changed, state + CHANGED

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "r4 r5 r6 r7 r8 r9 r10 r11 d8 d9 d10 d11 d12 d13 d14 d15 sp "

        .text

        .macro  load_state
        movw    ip, #:lower16:(state - (22f + 8))
        movt    ip, #:upper16:(state - (22f + 8))
22:     add     ip, pc, ip
        .endm

        .macro  mark register, bit
        str     \register, [ip, #(INTEGERS + 4 * \bit)]
        mvn     \register, #(0x40 + \bit)
        .endm

        .macro  note bit
        orrne   r3, r3, #(1 << \bit)
        .endm

        .macro  check register, bit
        cmn     \register, #(0x41 + \bit)
        note    \bit
        ldr     \register, [ip, #(INTEGERS + 4 * \bit)]
        .endm

        .macro  mark_float register, bit
        vstr    \register, [ip, #(FLOATS + 8 * (\bit - 8))]
        mvn     lr, #(0x40 + \bit)
        vmov    \register, lr, lr
        .endm

        .macro  check_float register, bit
        vmov    r2, lr, \register
        cmn     r2, #(0x41 + \bit)
        cmneq   lr, #(0x41 + \bit)
        note    \bit
        vldr    \register, [ip, #(FLOATS + 8 * (\bit - 8))]
        .endm

        .macro  each_register integer, float
        .irp    number, 4, 5, 6, 7, 8, 9, 10, 11
        \integer r\number, (\number - 4)
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
        \float  d\number, \number
        .endr
        .endm

        .balign 4
guard:  load_state
        str     lr, [ip, #RETURN_ADDRESS]
        str     sp, [ip, #STACK]
        each_register mark, mark_float
        ldr     ip, [ip, #TARGET]
        blx     ip

        load_state
        mov     r3, #0
        each_register check, check_float
        ldr     lr, [ip, #STACK]
        cmp     sp, lr
        note    16
        mov     sp, lr
        str     r3, [ip, #CHANGED]
        ldr     pc, [ip, #RETURN_ADDRESS]

        .irp    number, 4, 5, 6, 7, 8, 9, 10, 11
spoil_r\number:
        mvn     r\number, r\number
        bx      lr
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
spoil_d\number:
        vneg.f64 d\number, d\number
        bx      lr
        .endr
spoil_sp:
        add     sp, sp, #8
        bx      lr

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 4
abi_guard:       .word guard
abi_guard_every: .word guard
abi_guard_spoilers:
        .irp    register, r4, r5, r6, r7, r8, r9, r10, r11, d8, d9, d10, d11, d12, d13, d14, d15, sp
        .word   spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, %function
abi_guard_misalign:
        push    {r4, lr}
        sub     sp, sp, #4
        blx     r0
        add     sp, sp, #4
        pop     {r4, pc}
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", %progbits
