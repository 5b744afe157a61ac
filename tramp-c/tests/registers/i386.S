// As x86_64.S. The x87's stack is empty at a call.

#define INTEGERS(X) X(ebx, 3) X(ecx, 4) X(edx, 5) X(esi, 6) X(edi, 7) X(ebp, 8)
#define FLAGS 9
#define VECTORS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

#define LOAD(register, cell) movl registers_in + 4 * cell, %register;
#define STORE(register, cell) movl %register, registers_out + 4 * cell;
#define LOAD_VECTOR(n) movups registers_in + 40 + 16 * n, %xmm##n;
#define STORE_VECTOR(n) movups %xmm##n, registers_out + 40 + 16 * n;

        .text
        .globl  registers_run
registers_run:
        pushl   %ebx
        pushl   %ebp
        pushl   %esi
        pushl   %edi
        leal    -4(%esp), %eax
        movl    %eax, stack
        VECTORS(LOAD_VECTOR)
        cmpl    $0, registers_jump
        jne     2f
        pushl   registers_in + 4 * FLAGS
        popfl
        movl    registers_in + 4, %eax
        INTEGERS(LOAD)
        call    *registers_address
        jmp     4f
2:      pushl   $4f
        pushl   registers_in + 4 * FLAGS
        popfl
        movl    registers_in + 4, %eax
        INTEGERS(LOAD)
        jmp     *registers_address
4:      popl    %edi
        popl    %esi
        popl    %ebp
        popl    %ebx
        ret

        .globl  registers_target
registers_target:
        endbr32
        INTEGERS(STORE)
        VECTORS(STORE_VECTOR)
        pushfl
        popl    registers_out + 4 * FLAGS
        popl    registers_out + 4
        popl    registers_out
        movl    %esp, %eax
        subl    stack, %eax
        movl    %eax, registers_out + 8
        cld
        ret

        .globl  registers_chain_ecx
registers_chain_ecx:
        endbr32
        pushl   %ecx
        pushl   registers_in + 4
        movl    registers_in + 4 * 4, %ecx
        jmp     registers_target

        .data
        .globl  registers_bytes, registers_flags
        .balign 4
registers_bytes: .long 40 + 16 * 8
registers_flags: .long FLAGS
        .comm   registers_in, 40 + 16 * 8, 16
        .comm   registers_out, 40 + 16 * 8, 16
        .lcomm  stack, 4
        .section .note.GNU-stack, "", %progbits
