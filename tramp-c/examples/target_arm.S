// long example_target(long argument) calls example_handler(context, argument).
        .syntax unified
        .arm
        .globl  example_target
        .type   example_target, %function
example_target:
        mov     r1, r0                  // the argument becomes the second
        ldr     ip, [sp], #4            // the scratch register has its value back
        ldr     r0, [sp], #4            // the context is the first, and sp is what it was
        b       example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
