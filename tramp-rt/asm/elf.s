// What every processor's file uses: the glue for ELF. Sizes and offsets come from Rust as TRAMP_* symbols: see
// `arch/linked.rs`. No braces and no syntax directives here or there: both are the business of `global_asm!`.
//
// The tables and what they need lie in a section of their own, which linkers put behind the program's code. Where text
// cannot be read (OpenBSD) the tables are data: nobody runs them, they are what copies are made of and compared with.

        .set    TRAMP_COFF, 0

        .macro  tramp_tables
        .ifdef  TRAMP_TABLES_ARE_DATA
        .pushsection .rodata.tramp_rt, "a", %progbits
        .else
        .pushsection .tramp_rt, "ax", %progbits
        .endif
        .endm

        .macro  tramp_code
        .popsection
        .pushsection .tramp_rt, "ax", %progbits
        .endm

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

        .macro  tramp_target
        .endm
