// As x86_64.S. The protocol is of registers: word 1 of registers_out is t2, the target. The address is in t3.

#define INTEGERS(X) X(a0, 3) X(a1, 4) X(a2, 5) X(a3, 6) X(a4, 7) X(a5, 8) X(a6, 9) X(a7, 10) X(t0, 11) X(t4, 12) X(t5, 13) \
        X(t6, 14) X(s0, 15) X(s1, 16) X(s2, 17) X(s3, 18) X(s4, 19) X(s5, 20) X(s6, 21) X(s7, 22) X(s8, 23) X(s9, 24) \
        X(s10, 25) X(s11, 26)
#define FLOATS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) \
        X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define SAVED(X) X(s0, 0) X(s1, 1) X(s2, 2) X(s3, 3) X(s4, 4) X(s5, 5) X(s6, 6) X(s7, 7) X(s8, 8) X(s9, 9) X(s10, 10) \
        X(s11, 11) X(ra, 12)
#define SAVED_FLOATS(X) X(fs0, 13) X(fs1, 14) X(fs2, 15) X(fs3, 16) X(fs4, 17) X(fs5, 18) X(fs6, 19) X(fs7, 20) X(fs8, 21) \
        X(fs9, 22) X(fs10, 23) X(fs11, 24)

#define LOAD(register, cell) ld register, 8 * cell(t3);
#define STORE(register, cell) sd register, 8 * cell(t1);
#define LOAD_FLOAT(n) fld f##n, 216 + 8 * n(t3);
#define STORE_FLOAT(n) fsd f##n, 216 + 8 * n(t1);
#define SAVE(register, cell) sd register, 8 * cell(sp);
#define RESTORE(register, cell) ld register, 8 * cell(sp);
#define SAVE_FLOAT(register, cell) fsd register, 8 * cell(sp);
#define RESTORE_FLOAT(register, cell) fld register, 8 * cell(sp);

        .text
        .globl  registers_run
registers_run:
        addi    sp, sp, -208
        SAVED(SAVE)
        SAVED_FLOATS(SAVE_FLOAT)
        lla     t3, stack
        sd      sp, 0(t3)
        lla     t3, registers_jump
        lw      t1, 0(t3)
        lla     t3, registers_in
        FLOATS(LOAD_FLOAT)
        INTEGERS(LOAD)
        lla     t3, registers_address
        ld      t3, 0(t3)
        bnez    t1, 2f
        jalr    t3
        j       4f
2:      lla     ra, 4f
        jr      t3
4:      SAVED(RESTORE)
        SAVED_FLOATS(RESTORE_FLOAT)
        addi    sp, sp, 208
        ret

        .globl  registers_target
registers_target:
        addi    sp, sp, -16
        sd      t1, 0(sp)
        lla     t1, registers_out
        INTEGERS(STORE)
        FLOATS(STORE_FLOAT)
        sd      t2, 8(t1)
        ld      t2, 0(sp)
        sd      t2, 0(t1)
        addi    sp, sp, 16
        lla     t2, stack
        ld      t2, 0(t2)
        sub     t2, sp, t2
        sd      t2, 16(t1)
        lla     t2, registers_address
        ld      t2, 0(t2)
        beq     t2, t3, 2f
        sd      t3, 16(t1)
2:      ret

        .globl  registers_chain_t2
registers_chain_t2:
        mv      t1, t2
        lla     t2, registers_target
        jr      t2

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .word 216 + 8 * 32
registers_flags: .word 0
        .comm   registers_in, 216 + 8 * 32, 16
        .comm   registers_out, 216 + 8 * 32, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", %progbits
