// long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        hint    #34                     // bti c
        mov     x1, x0                  // the argument becomes the second
        ldp     x17, x0, [sp], #16      // the scratch register has its value back, the context is the first; sp is what it was
        b       example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
