// The guard for aarch64. The comments say what differs from guard_x86_64.S.
//
// AAPCS64 2024Q3 (§6.1.1 "General-purpose registers", §6.1.2 "SIMD and floating-point registers") preserves x19-x29, sp, and
// d8-d15, which are the lower halves of v8-v15. x9-x15 and x17 are free here, and x16 is the guard's base.

        .set    RETURN_ADDRESS, 0
        .set    STACK, 8
        .set    INTEGERS, 16
        .set    FLOATS, INTEGERS + 11 * 8
        .set    STATE_BYTES, FLOATS + 8 * 8

        .data
        .globl  abi_guard_target, abi_guard_changed
        .balign 16
abi_guard_target:  .xword 0
abi_guard_changed: .xword 0
state:  .fill   STATE_BYTES, 1, 0

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "x19 x20 x21 x22 x23 x24 x25 x26 x27 x28 x29 d8 d9 d10 d11 d12 d13 d14 d15 sp "

        .text

        .macro  load_state
        adrp    x16, state
        add     x16, x16, :lo12:state
        .endm

// All upper bits of a mark are set. So the mark changes if some bits are cut off.
        .macro  mark register, bit
        str     \register, [x16, #INTEGERS + 8 * \bit]
        mov     \register, #(-0x1234 - \bit)
        .endm

        .macro  check register, bit
        mov     x17, #(-0x1234 - \bit)
        cmp     \register, x17
        b.eq    2f
        orr     x9, x9, #(1 << \bit)
2:      ldr     \register, [x16, #INTEGERS + 8 * \bit]
        .endm

        .macro  mark_float register, bit
        str     \register, [x16, #FLOATS + 8 * (\bit - 11)]
        mov     x17, #(-0x1234 - \bit)
        fmov    \register, x17
        .endm

        .macro  check_float register, bit
        mov     x17, #(-0x1234 - \bit)
        fmov    x10, \register
        cmp     x10, x17
        b.eq    2f
        orr     x9, x9, #(1 << \bit)
2:      ldr     \register, [x16, #FLOATS + 8 * (\bit - 11)]
        .endm

        .macro  each_register integer, float
        .irp    number, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        \integer x\number, (\number - 19)
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
        \float  d\number, (\number + 3)
        .endr
        .endm

guard:  hint    #34                                     // bti c
        load_state
        str     x30, [x16, #RETURN_ADDRESS]
        mov     x17, sp
        str     x17, [x16, #STACK]
        each_register mark, mark_float
        adrp    x17, abi_guard_target
        ldr     x17, [x17, :lo12:abi_guard_target]
        blr     x17

        load_state
        mov     x9, xzr
        each_register check, check_float
        mov     x10, sp
        ldr     x17, [x16, #STACK]
        cmp     x10, x17
        b.eq    2f
        orr     x9, x9, #(1 << 19)
        mov     sp, x17
2:      adrp    x17, abi_guard_changed
        str     x9, [x17, :lo12:abi_guard_changed]
        ldr     x30, [x16, #RETURN_ADDRESS]
        ret

        .irp    number, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
spoil_x\number:
        mvn     x\number, x\number
        ret
        .endr
        .irp    number, 8, 9, 10, 11, 12, 13, 14, 15
spoil_d\number:
        fneg    d\number, d\number
        ret
        .endr
spoil_sp:
        add     sp, sp, #16
        ret

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 8
abi_guard:       .xword guard
abi_guard_every: .xword guard
abi_guard_spoilers:
        .irp    register, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, d8, d9, d10, d11, d12, d13, d14, d15, sp
        .xword  spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, %function
abi_guard_misalign:
        stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        sub     sp, sp, #8
        blr     x0
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        ret
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", %progbits
