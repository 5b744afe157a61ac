// long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        endbr32                         // reached by an indirect jump
        popl    %eax                    // the scratch register has its value back
        popl    %ecx                    // the context; esp is what it was
        subl    $4, %esp                // the stack is aligned to 16 bytes at the call
        pushl   8(%esp)                 // the argument becomes the second
        pushl   %ecx                    // the context is the first
        call    example_handler
        addl    $12, %esp
        ret
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
