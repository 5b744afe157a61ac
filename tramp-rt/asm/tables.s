// The layout of the tables, which is the same on every processor. A processor's file defines its thunks with these
// macros, and then writes `tramp_all_tables`:
//
//   tramp_thunk register, bytes      puts the slot's address into the register and jumps to the slot's handler
//   tramp_stack_thunk bytes          the same with the register in which the stack routine expects a stack slot
//   tramp_each_register macro        `macro register` for each register that a thunk may change, in the order of the
//                                    probe's marks
//   tramp_protocol_thunk             for the C library: hands over context and target as libffi's protocol says
//   tramp_context_thunk register     for the C library: puts the context into the register and jumps to the target
//   tramp_each_chain macro           `macro register` for each register of a static chain, if the protocol's thunk does not
//                                    put the context there
//   tramp_chain_thunk register       as tramp_context_thunk, for such a register
//
// Every thunk fills all its bytes. The first thunk of a run belongs to no slot, because the header of the run lies
// there. If no instruction reads the program counter, a helper takes the place of this thunk, and the other thunks call
// it. `tramp_all_tables` gets the names of the stack's helper and of the one that the protocol's and the chain's thunks call.
//
// The only labels in the tables are digits, because Mach-O's linker may move everything that begins with a symbol.

        .macro  tramp_run bytes, helper, thunk:vararg
        .ifnb   \helper
        \helper
        .else
        \thunk
        .endif
        .rept   TRAMP_RUN_BYTES / \bytes - 1
        \thunk
        .endr
        .endm

        .macro  tramp_table arguments:vararg
        .rept   TRAMP_TABLE_BYTES / TRAMP_RUN_BYTES
        tramp_run \arguments
        .endr
        .endm

// What repeats in a table: a thunk, or if thunks call a helper, a run.
        .macro  tramp_pattern bytes, helper, thunk:vararg
        .ifnb   \helper
        tramp_run \bytes, \helper, \thunk
        .else
        \thunk
        .endif
        .endm

        .macro  tramp_closure_tables what, stack_helper
        .macro  tramp_one register
        \what  TRAMP_THUNK_BYTES, , tramp_thunk \register, TRAMP_THUNK_BYTES
        .endm
        tramp_each_register tramp_one
        .purgem tramp_one
        \what  TRAMP_STACK_SLOT_BYTES, \stack_helper, tramp_stack_thunk TRAMP_STACK_SLOT_BYTES
        .endm

        .macro  tramp_c_tables what, protocol_helper
        .macro  tramp_one register
        \what  TRAMP_CONTEXT_BYTES, , tramp_context_thunk \register
        .endm
        \what  TRAMP_PROTOCOL_BYTES, \protocol_helper, tramp_protocol_thunk
        tramp_each_register tramp_one
        .purgem tramp_one
        .endm

        .macro  tramp_chain_tables what, helper
        .macro  tramp_one register
        \what  TRAMP_CONTEXT_BYTES, \helper, tramp_chain_thunk \register
        .endm
        tramp_each_chain tramp_one
        .purgem tramp_one
        .endm

        .macro  tramp_all_tables stack_helper, protocol_helper
        tramp_tables
        tramp_object {tramp}_tables, TRAMP_PAGE_BYTES
21:
        tramp_closure_tables tramp_table, \stack_helper
        .if     TRAMP_COPY_BYTES - TRAMP_TABLE_BYTES
        .zero   TRAMP_LINKED_BYTES - (. - 21b)
        .endif
        tramp_end_object {tramp}_tables

        .if     TRAMP_C
        tramp_object {tramp}_c_tables, TRAMP_PAGE_BYTES
21:
        tramp_c_tables tramp_table, \protocol_helper
        .if     TRAMP_COPY_BYTES - TRAMP_TABLE_BYTES
        .zero   TRAMP_C_CHAINS - (. - 21b)
        .endif
        tramp_end_object {tramp}_c_tables
        .if     TRAMP_C_LINKED_BYTES - TRAMP_C_CHAINS
        tramp_object {tramp}_c_chain_tables, TRAMP_PAGE_BYTES
        tramp_chain_tables tramp_table, \protocol_helper
        .if     TRAMP_COPY_BYTES - TRAMP_TABLE_BYTES
        .zero   TRAMP_C_LINKED_BYTES - (. - 21b)
        .endif
        tramp_end_object {tramp}_c_chain_tables
        .endif
        .endif
        // Before other sections: within one, LLVM 22 takes code behind it for the data at the end of this one, and for RISC-V
        // says so in the object's symbols.
        .popsection

        // The same as constants, which the tables are compared with before they are used: tools that change programs take
        // thunks for code. In COFF a thunk depends on where it is linked.
        .if     1 - TRAMP_COFF
        tramp_constants
        tramp_object {tramp}_patterns, 64
        tramp_closure_tables tramp_pattern, \stack_helper
        .if     TRAMP_C
        tramp_c_tables tramp_pattern, \protocol_helper
        tramp_chain_tables tramp_pattern, \protocol_helper
        .endif
        tramp_end_object {tramp}_patterns
        .popsection
        .endif
        tramp_code
        .endm
