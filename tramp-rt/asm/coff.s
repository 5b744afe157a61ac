// What every processor's file uses: the glue for COFF. Sizes and offsets come from Rust as TRAMP_* symbols: see
// `arch/linked.rs`. The processor says whether its frames are described by `.seh_*` directives or, with
// TRAMP_SEH = 0, by DWARF's.

        .set    TRAMP_COFF, 1

        .macro  tramp_function name, align=16
        .globl  \name
        .def    \name
        .scl    2                                       // external
        .type   32                                      // a function
        .endef
        .balign \align
\name:
        .if     TRAMP_SEH
        .seh_proc \name
        .else
        .cfi_startproc
        .endif
        .endm

        .macro  tramp_end name
        .if     TRAMP_SEH
        .seh_endproc
        .else
        .cfi_endproc
        .endif
        .endm

        // Control flow guard lets indirect calls through to what objects list by the numbers of their symbols. Only
        // Microsoft's linker, and LLD in its place, make a table of them.
        .macro  tramp_target
        .if     TRAMP_GUARD
tramp_target_\@:
        .pushsection .gfids$y, "dr"
        .symidx tramp_target_\@
        .popsection
        .endif
        .endm

        // The linker puts it into .text, behind the functions of the rest of the program.
        .macro  tramp_tables
        .pushsection .text$zzz_tramp_rt, "xr"
        .endm

        .macro  tramp_code
        .endm

        // Zeros, of which the file holds none. Pages of their own, for they may be made read-only.
        .pushsection .bss$tramp_rt, "bw"
        .globl  tramp_rt_v0_slots
        .balign TRAMP_ALIGN_BYTES
tramp_rt_v0_slots:
        .zero   TRAMP_LINKED_BYTES
        .popsection
