# As x86_64.S. The protocol is of registers: word 1 of registers_out is r1, the target. The address is in r1 before.

#define FLOATS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define SAVED(X) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define LOAD_FLOAT(n) ld %f##n, 120 + 8 * n(%r1);
#define STORE_FLOAT(n) std %f##n, 120 + 8 * n(%r1);
#define SAVE(n) std %f##n, 160 + 8 * n - 64(%r15);
#define RESTORE(n) ld %f##n, 160 + 8 * n - 64(%r15);

        .text
        .globl  registers_run
registers_run:
        stmg    %r6, %r15, 48(%r15)
        aghi    %r15, -224
        SAVED(SAVE)
        larl    %r1, stack
        stg     %r15, 0(%r1)
        larl    %r1, registers_in
        FLOATS(LOAD_FLOAT)
        larl    %r3, registers_jump
        lt      %r2, 0(%r3)
        lmg     %r2, %r13, 24(%r1)
        larl    %r1, registers_address
        lg      %r1, 0(%r1)
        jne     2f
        basr    %r14, %r1
        j       4f
2:      larl    %r14, 4f
        br      %r1
4:      SAVED(RESTORE)
        lmg     %r6, %r15, 272(%r15)
        br      %r14

        .globl  registers_target
registers_target:
        stmg    %r0, %r1, -16(%r15)
        larl    %r1, registers_out
        stmg    %r2, %r13, 24(%r1)
        FLOATS(STORE_FLOAT)
        lmg     %r2, %r3, -16(%r15)
        stmg    %r2, %r3, 0(%r1)
        larl    %r2, stack
        lgr     %r3, %r15
        sg      %r3, 0(%r2)
        stg     %r3, 16(%r1)
        br      %r14

# The trampolines of the static chain are the protocol's.
        .globl  registers_chain_r0
        .set    registers_chain_r0, registers_target

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .long 120 + 8 * 16
registers_flags: .long 0
        .comm   registers_in, 120 + 8 * 16, 16
        .comm   registers_out, 120 + 8 * 16, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", %progbits
