// long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        endbr64                         // reached by an indirect jump
        movq    %rdi, %rsi              // the argument becomes the second
        popq    %r10                    // the scratch register has its value back
        popq    %rdi                    // the context is the first, and rsp is what it was
        jmp     example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
