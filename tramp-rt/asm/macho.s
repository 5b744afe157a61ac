// What every processor's file uses: the glue for Mach-O, as `elf.s` is that for ELF.
//
// Symbols have C's underscore, no type and no size; a private extern is what ELF calls hidden. The linker may move
// whatever begins with a symbol, so the tables are one: labels of digits are none.

        .set    TRAMP_COFF, 0

        .macro  tramp_tables
        .pushsection __TEXT,__tramp_rt,regular,pure_instructions
        .endm

        .macro  tramp_code
        .endm

        .macro  tramp_function name, align=16
        .globl  _\name
        .private_extern _\name
        .balign \align
_\name:
        .cfi_startproc
        .endm

        .macro  tramp_end name
        .cfi_endproc
        .endm
