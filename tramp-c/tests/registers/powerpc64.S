# As x86_64.S. The protocol is of registers: word 1 of registers_out is r12, the target. The address is in r12 before, as
# it has to be.

#define INTEGERS(X) X(0, 3) X(3, 4) X(4, 5) X(5, 6) X(6, 7) X(7, 8) X(8, 9) X(9, 10) X(10, 11) X(14, 12) X(15, 13) X(16, 14) \
        X(17, 15) X(18, 16) X(19, 17) X(20, 18) X(21, 19) X(22, 20) X(23, 21) X(24, 22) X(25, 23) X(26, 24) X(27, 25) \
        X(28, 26) X(29, 27) X(30, 28) X(31, 29) X(2, 30)
#define CONDITION 31
#define HIGH(X) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define FLOATS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) HIGH(X)
#define VECTORS_HIGH(X) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define VECTORS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) \
        X(19) VECTORS_HIGH(X)

#define LOAD(n, cell) ld n, 8 * cell(12);
#define STORE(n, cell) std n, 8 * cell(12);
#define LOAD_FLOAT(n) lfd n, 256 + 8 * n(12);
#define STORE_FLOAT(n) stfd n, 256 + 8 * n(12);
#define LOAD_VECTOR(n) li 11, 512 + 16 * n; lvx n, 12, 11;
#define STORE_VECTOR(n) li 11, 512 + 16 * n; stvx n, 12, 11;
#define SAVE(n) std n, 48 + 8 * (n - 14)(1); stfd n, 192 + 8 * (n - 14)(1);
#define RESTORE(n) ld n, 48 + 8 * (n - 14)(1); lfd n, 192 + 8 * (n - 14)(1);
#define SAVE_VECTOR(n) li 11, 336 + 16 * (n - 20); stvx n, 1, 11;
#define RESTORE_VECTOR(n) li 11, 336 + 16 * (n - 20); lvx n, 1, 11;

        .abiversion 2
        .machine power8

        .macro  base register, name
        lis     \register, \name@ha             # the program is not position-independent
        addi    \register, \register, \name@l
        .endm

        .text
        .globl  registers_run
        .type   registers_run, @function
registers_run:
        mflr    0
        std     0, 16(1)
        mfcr    0
        stw     0, 8(1)
        std     2, -8(1)
        stdu    1, -560(1)
        HIGH(SAVE)
        VECTORS_HIGH(SAVE_VECTOR)
        base    12, stack
        std     1, 0(12)
        base    12, registers_in
        FLOATS(LOAD_FLOAT)
        VECTORS(LOAD_VECTOR)
        ld      0, 8 * CONDITION(12)
        base    11, registers_jump
        lwz     11, 0(11)
        cmpwi   11, 0
        bne     2f
        mtcr    0
        INTEGERS(LOAD)
        base    12, registers_address
        ld      12, 0(12)
        mtctr   12
        bctrl
        b       4f
2:      base    11, 4f
        mtlr    11
        mtcr    0
        INTEGERS(LOAD)
        base    12, registers_address
        ld      12, 0(12)
        mtctr   12
        bctr
4:      HIGH(RESTORE)
        VECTORS_HIGH(RESTORE_VECTOR)
        addi    1, 1, 560
        ld      2, -8(1)
        lwz     0, 8(1)
        mtcr    0
        ld      0, 16(1)
        mtlr    0
        blr

        .globl  registers_target
        .type   registers_target, @function
registers_target:
        std     11, -8(1)
        std     12, -16(1)
        base    12, registers_out
        INTEGERS(STORE)
        FLOATS(STORE_FLOAT)
        VECTORS(STORE_VECTOR)
        mfcr    0
        std     0, 8 * CONDITION(12)
        ld      0, -8(1)
        std     0, 0(12)
        ld      0, -16(1)
        std     0, 8(12)
        base    11, stack
        ld      11, 0(11)
        subf    11, 11, 1
        std     11, 16(12)
        blr

# The trampolines of the static chain are the protocol's.
        .globl  registers_chain_r11
        .set    registers_chain_r11, registers_target

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .long 512 + 16 * 32
registers_flags: .long CONDITION
        .comm   registers_in, 512 + 16 * 32, 16
        .comm   registers_out, 512 + 16 * 32, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", @progbits
