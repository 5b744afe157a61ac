// As x86_64.S. The protocol is of registers: word 1 of registers_out is t1, the target. The address is in t3.

#define INTEGERS(X) X(a0, 3) X(a1, 4) X(a2, 5) X(a3, 6) X(a4, 7) X(a5, 8) X(a6, 9) X(a7, 10) X(t2, 11) \
        X(t4, 12) X(t5, 13) X(t6, 14) X(t7, 15) X(t8, 16) X(s0, 17) X(s1, 18) X(s2, 19) X(s3, 20) X(s4, 21) \
        X(s5, 22) X(s6, 23) X(s7, 24) X(s8, 25) X(fp, 26)
#define FLOATS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) \
        X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define SAVED(X) X(s0, 0) X(s1, 1) X(s2, 2) X(s3, 3) X(s4, 4) X(s5, 5) X(s6, 6) X(s7, 7) X(s8, 8) X(fp, 9) X(ra, 10)
#define SAVED_FLOATS(X) X(fs0, 13) X(fs1, 14) X(fs2, 15) X(fs3, 16) X(fs4, 17) X(fs5, 18) X(fs6, 19) X(fs7, 20)

#define LOAD(register, cell) ld.d $register, $t3, 8 * cell;
#define STORE(register, cell) st.d $register, $t0, 8 * cell;
#define LOAD_FLOAT(n) fld.d $f##n, $t3, 216 + 8 * n;
#define STORE_FLOAT(n) fst.d $f##n, $t0, 216 + 8 * n;
#define SAVE(register, cell) st.d $register, $sp, 8 * cell;
#define RESTORE(register, cell) ld.d $register, $sp, 8 * cell;
#define SAVE_FLOAT(register, cell) fst.d $register, $sp, 8 * cell;
#define RESTORE_FLOAT(register, cell) fld.d $register, $sp, 8 * cell;

        .text
        .globl  registers_run
registers_run:
        addi.d  $sp, $sp, -176
        SAVED(SAVE)
        SAVED_FLOATS(SAVE_FLOAT)
        la.local $t3, stack
        st.d    $sp, $t3, 0
        la.local $t3, registers_jump
        ld.w    $t1, $t3, 0
        la.local $t3, registers_in
        FLOATS(LOAD_FLOAT)
        INTEGERS(LOAD)
        la.local $t3, registers_address
        ld.d    $t3, $t3, 0
        bnez    $t1, 2f
        jirl    $ra, $t3, 0
        b       4f
2:      la.local $ra, 4f
        jr      $t3
4:      SAVED(RESTORE)
        SAVED_FLOATS(RESTORE_FLOAT)
        addi.d  $sp, $sp, 176
        ret

        .globl  registers_target
registers_target:
        addi.d  $sp, $sp, -16
        st.d    $t0, $sp, 0
        la.local $t0, registers_out
        INTEGERS(STORE)
        FLOATS(STORE_FLOAT)
        st.d    $t1, $t0, 8
        ld.d    $t1, $sp, 0
        st.d    $t1, $t0, 0
        addi.d  $sp, $sp, 16
        la.local $t1, stack
        ld.d    $t1, $t1, 0
        sub.d   $t1, $sp, $t1
        st.d    $t1, $t0, 16
        la.local $t1, registers_address
        ld.d    $t1, $t1, 0
        beq     $t1, $t3, 2f
        st.d    $t3, $t0, 16
2:      ret

        .macro  chain register, cell
        .globl  registers_chain_\register
registers_chain_\register:
        move    $t0, $\register
        la.local $t1, registers_in
        ld.d    $\register, $t1, 8 * \cell
        la.local $t1, registers_target
        jr      $t1
        .endm
        chain   t8, 16
        chain   t2, 11

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .word 216 + 8 * 32
registers_flags: .word 0
        .comm   registers_in, 216 + 8 * 32, 16
        .comm   registers_out, 216 + 8 * 32, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", %progbits
