// As x86_64.S. The address is in x9, which is compared as the others are; x30 is the link, x29 the frame's.

#define INTEGERS(X) X(0, 3) X(1, 4) X(2, 5) X(3, 6) X(4, 7) X(5, 8) X(6, 9) X(7, 10) X(8, 11) X(10, 12) X(11, 13) X(12, 14) \
        X(13, 15) X(14, 16) X(15, 17) X(16, 18) X(18, 19) X(19, 20) X(20, 21) X(21, 22) X(22, 23) X(23, 24) X(24, 25) \
        X(25, 26) X(26, 27) X(27, 28) X(28, 29) X(29, 30)
#define FLAGS 31
#define VECTORS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) \
        X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)

// The base is x9 on the way in, x17 behind the thunk.
#define LOAD(n, cell) ldr x##n, [x9, #8 * cell];
#define STORE(n, cell) str x##n, [x17, #8 * cell];
#define LOAD_VECTOR(n) ldr q##n, [x9, #256 + 16 * n];
#define STORE_VECTOR(n) str q##n, [x17, #256 + 16 * n];

        .macro  base register, name
        adrp    \register, \name
        add     \register, \register, :lo12:\name
        .endm

        .text
        .globl  registers_run
registers_run:
        stp     x29, x30, [sp, #-160]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        base    x9, stack
        mov     x10, sp
        str     x10, [x9]
        base    x9, registers_in
        VECTORS(LOAD_VECTOR)
        ldr     x10, [x9, #8 * FLAGS]
        msr     nzcv, x10
        ldr     x17, [x9, #8]
        base    x10, registers_jump
        ldr     w10, [x10]
        cbnz    w10, 2f
        INTEGERS(LOAD)
        base    x9, registers_address
        ldr     x9, [x9]
        blr     x9
        b       4f
2:      INTEGERS(LOAD)
        base    x9, registers_address
        ldr     x9, [x9]
        adr     x30, 4f
        br      x9
4:      ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        ldp     x29, x30, [sp], #160
        ret

        .globl  registers_target
registers_target:
        hint    #34                             // bti c
        base    x17, registers_out
        INTEGERS(STORE)
        VECTORS(STORE_VECTOR)
        mrs     x0, nzcv
        str     x0, [x17, #8 * FLAGS]
        ldp     x0, x1, [sp], #16
        str     x0, [x17, #8]
        str     x1, [x17]
        base    x0, stack
        ldr     x0, [x0]
        mov     x1, sp
        sub     x0, x1, x0
        str     x0, [x17, #16]
        base    x0, registers_address
        ldr     x0, [x0]
        cmp     x0, x9
        b.eq    2f
        str     x9, [x17, #16]
2:      ret

        .macro  chain register, cell
        .globl  registers_chain_x\register
registers_chain_x\register:
        hint    #34                             // bti c
        base    x17, registers_in
        ldr     x16, [x17, #8]
        stp     x16, x\register, [sp, #-16]!
        ldr     x\register, [x17, #8 * \cell]
        ldr     x16, [x17, #8 * 18]
        b       registers_target
        .endm
        chain   18, 19
        chain   15, 17

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .word 256 + 16 * 32
registers_flags: .word FLAGS
        .comm   registers_in, 256 + 16 * 32, 16
        .comm   registers_out, 256 + 16 * 32, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", %progbits
