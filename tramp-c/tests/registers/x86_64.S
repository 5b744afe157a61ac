// All registers, before and after a thunk: what ../programs/protocol.c compares.
//
//   registers_in    word 1: the scratch register's mark; from word 3 on the others', flags, vectors
//   registers_out   word 0: the context; 1: the scratch register as it was saved; 2: by how much the stack pointer is not
//                   what it was; from word 3 on as registers_in
//   registers_run   loads all registers and calls registers_address, or jumps to it if registers_jump is not 0
//   registers_target  stores all registers and returns
//
// This is the file that explains; the other processors' are alike.

#define INTEGERS(X) X(rax, 3) X(rbx, 4) X(rcx, 5) X(rdx, 6) X(rsi, 7) X(rdi, 8) X(rbp, 9) X(r8, 10) X(r9, 11) X(r11, 12) \
        X(r12, 13) X(r13, 14) X(r14, 15) X(r15, 16)
#define FLAGS 17
#define VECTORS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define LOAD(register, cell) movq registers_in + 8 * cell(%rip), %register;
#define STORE(register, cell) movq %register, registers_out + 8 * cell(%rip);
#define LOAD_VECTOR(n) movups registers_in + 144 + 16 * n(%rip), %xmm##n;
#define STORE_VECTOR(n) movups %xmm##n, registers_out + 144 + 16 * n(%rip);

        .text
        .globl  registers_run
registers_run:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        leaq    -8(%rsp), %rax
        movq    %rax, stack(%rip)               // rsp when the thunk is entered
        VECTORS(LOAD_VECTOR)
        cmpl    $0, registers_jump(%rip)
        jne     2f
        pushq   registers_in + 8 * FLAGS(%rip)
        popfq
        movq    registers_in + 8(%rip), %r10
        INTEGERS(LOAD)
        call    *registers_address(%rip)
        jmp     4f
2:      leaq    4f(%rip), %rax
        pushq   %rax
        pushq   registers_in + 8 * FLAGS(%rip)
        popfq
        movq    registers_in + 8(%rip), %r10
        INTEGERS(LOAD)
        jmp     *registers_address(%rip)
4:      addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

        .globl  registers_target
registers_target:
        endbr64
        INTEGERS(STORE)
        VECTORS(STORE_VECTOR)
        pushfq
        popq    registers_out + 8 * FLAGS(%rip)
        popq    registers_out + 8(%rip)
        popq    registers_out(%rip)
        movq    %rsp, %rax
        subq    stack(%rip), %rax
        movq    %rax, registers_out + 16(%rip)
        cld
        ret

// Each registers_chain_NAME is for trampolines that pass the context in the register NAME. It makes of what it finds what
// registers_target expects. What such a trampoline may change has its mark again.
        .globl  registers_chain_r10
registers_chain_r10:
        endbr64
        pushq   %r10
        pushq   registers_in + 8(%rip)
        jmp     registers_target

        .data
        .globl  registers_bytes, registers_flags
        .balign 8
registers_bytes: .long 144 + 16 * 16
registers_flags: .long FLAGS
        .comm   registers_in, 144 + 16 * 16, 16
        .comm   registers_out, 144 + 16 * 16, 16
        .lcomm  stack, 8
        .section .note.GNU-stack, "", %progbits
