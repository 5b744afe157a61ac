# long example_target(long argument) calls example_handler(context, argument).
        .abiversion 2
        .globl  example_target
        .type   example_target, %function
example_target:
0:      addis   2, 12, .TOC. - 0b@ha    # r12 = this address, as the protocol says
        addi    2, 2, .TOC. - 0b@l
        .localentry example_target, . - example_target
        mr      4, 3                    # the argument becomes the second
        mr      3, 11                   # the context is the first
        b       example_handler
        .size   example_target, . - example_target
        .section .note.GNU-stack, "", %progbits
