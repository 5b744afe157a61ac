# long example_target(long argument) calls example_handler(context, argument).
        .globl  example_target
        .type   example_target, %function
example_target:
        lgr     %r3, %r2                # the argument becomes the second
        lgr     %r2, %r0                # the context is the first
        jg      example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
