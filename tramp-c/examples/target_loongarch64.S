// long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        move    $a1, $a0                // the argument becomes the second
        move    $a0, $t0                // the context is the first
        b       example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
