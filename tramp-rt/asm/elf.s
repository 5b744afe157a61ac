// What every processor's file uses: the glue for ELF. Sizes and offsets come from Rust as TRAMP_* symbols: see
// `arch/linked.rs`. No braces and no syntax directives here or there: both are the business of `global_asm!`.

        .macro  tramp_function name, align=16
        .globl  \name
        .hidden \name
        .type   \name, %function
        .balign \align
\name:
        .cfi_startproc
        .endm

        .macro  tramp_end name
        .cfi_endproc
        .size   \name, . - \name
        .endm

        // The slots of the linked tables, if they had any.
        .set    TRAMP_SLOTS, tramp_rt_v0_tables + TRAMP_DISTANCE

        .set    TRAMP_COFF, 0

        .macro  tramp_target
        .endm

        .macro  tramp_section
        .pushsection .tramp_rt, "ax", %progbits
        .endm
