// The end of every processor's assembly. It removes the macros, because link-time optimisation may assemble this crate
// twice in one file: in two versions, or for the C library and a Rust library.

        .popsection
        .irp    name, function, end, object, end_object, tables, constants, code, target
        .purgem tramp_\name
        .endr
        .irp    name, run, table, pattern, closure_tables, c_tables, chain_tables, all_tables
        .purgem tramp_\name
        .endr
        .irp    name, stack_thunk, each_register, protocol_thunk, each_chain, chain_thunk, lower, stack_routine, spill_routine
        .purgem tramp_\name
        .endr
