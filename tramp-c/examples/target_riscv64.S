// long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        mv      a1, a0                  // the argument becomes the second
        mv      a0, t1                  // the context is the first
        tail    example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
