// The thunks, the routines and the code that calls the probe, for x86-64.
//
// The comments in this file explain every part. The files of other processors explain only what differs.
//
// Conventions: System V psABI x86-64 1.0 (§3.2.3 "Parameter Passing", figure 3.4 "Register Usage"), and Microsoft's x64
// calling convention, whose argument registers rcx rdx r8 r9 are a subset.
//
// Register contract of a thunk
//   on entry   C's arguments in registers and on the stack, the return address at [rsp]
//   on exit    all of these unchanged; the table's register = address of the thunk's slot; jumped to slot.handler
//   changes    that register, which the probe found to carry the argument behind C's last; nothing else, no flags
//
// A thunk does not use the stack, so an unwinder only needs the return address. Mapped copies of a table have no entry
// in .eh_frame. So a profiler that interrupts a thunk sees the caller only if it assumes that [rsp] is the return
// address, as profilers do in PLTs. On Windows this is the rule: a function without an entry is a function without a
// frame ("x64 exception handling").

        .set    TRAMP_SEH, TRAMP_COFF

// The frame of a routine, described for the object format's unwinder.
        .macro  tramp_enter
        push    rbp
        .if     TRAMP_SEH
        .seh_pushreg rbp
        .else
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        .endif
        mov     rbp, rsp
        .if     TRAMP_SEH
        .seh_setframe rbp, 0
        .seh_endprologue
        .else
        .cfi_def_cfa_register rbp
        .endif
        .endm

        .macro  tramp_leave
        leave
        .if     1 - TRAMP_SEH
        .cfi_def_cfa rsp, 8
        .endif
        ret
        .endm

// One thunk. Its offset in the tables is the offset of its slot in the slots. So in every copy, a thunk finds the slots
// beside that copy. `lea` and a short `jmp [register + 8]` leave room for the landing pad. Two loads relative to rip
// would not:
//
//   f3 0f 1e fa             endbr64                      reached by an indirect call (CET IBT)
//   48 8d 15 xx xx xx xx    lea  rdx, [rip + …]          rdx = slot
//   ff 62 08                jmp  [rdx + 8]               goto slot.handler
        .macro  tramp_thunk register, bytes
        tramp_target
22:     endbr64
        .if     TRAMP_COFF
        lea     \register, [rip + {tramp}_slots + tramp_offset]
        .set    tramp_offset, tramp_offset + \bytes
        .else
        lea     \register, [rip + 22b + TRAMP_DISTANCE]
        .endif
        jmp     [\register + TRAMP_SLOT_HANDLER]
        .balign \bytes, 0xcc
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk r10, \bytes                         // the static chain, psABI figure 3.4
        .endm

        .macro  tramp_each_register each
        .irp    register, rdi, rsi, rdx, rcx, r8, r9
        \each   \register
        .endr
        .endm

// The tables of the C library. Their thunks load both words, because the target was not compiled for this crate.
//
// Contract of the protocol's thunk: libffi's, for targets in assembly. Everything, also the flags, is unchanged, except
//   [rsp]      r10, the scratch register            [rsp + 8]  the context            rsp + 16   rsp as it was
//
//   ff 35 xx xx xx xx       push [rip + …]
//   41 52                   push r10
//   ff 25 xx xx xx xx       jmp  [rip + …]
//
// Contract of a register's thunk: the same contract, but the register = the context.
//
// There is no room for a landing pad: docs/decisions/c-library.md.
        .macro  tramp_protocol_thunk
22:     push    qword ptr [rip + 22b + TRAMP_DISTANCE + TRAMP_SLOT_CONTEXT]
        push    r10
        jmp     qword ptr [rip + 22b + TRAMP_DISTANCE + TRAMP_SLOT_HANDLER]
        .balign TRAMP_PROTOCOL_BYTES, 0xcc
        .endm

        .macro  tramp_context_thunk register
22:     mov     \register, qword ptr [rip + 22b + TRAMP_DISTANCE + TRAMP_SLOT_CONTEXT]
        jmp     qword ptr [rip + 22b + TRAMP_DISTANCE + TRAMP_SLOT_HANDLER]
        .balign TRAMP_CONTEXT_BYTES, 0xcc
        .endm

// The static chain, psABI figure 3.4. A thunk changes that register, and no other.
        .macro  tramp_each_chain each
        \each   r10
        .endm

        .macro  tramp_chain_thunk register
        tramp_context_thunk \register
        .endm

        .set    tramp_offset, 0
        tramp_all_tables

// Lowers the stack pointer and touches each page on the way. So if the stack has no room, this ends in the guard page
// and not beyond it. No system has pages of less than 4 KiB.
        .macro  tramp_lower bytes
4:      cmp     \bytes, 4096
        jb      5f
        sub     rsp, 4096
        mov     [rsp], \bytes
        sub     \bytes, 4096
        jmp     4b
5:      sub     rsp, \bytes
        .endm

// The handler of every slot whose context travels on the stack.
//
// Register contract
//   on entry   as the handler's C caller left it, r10 = address of a stack slot
//   calls      slot.stack_handler, with the caller's stack arguments copied and the slot's address behind them
//   on exit    as that function returns
//   changes    rax, r10, r11: no convention passes arguments in them (rax counts vector registers of variadic callers
//              only), and none preserves them
//
//   rbp + 16   the caller's stack arguments, slot.bytes of them          rsp + bytes   address of the slot
//   rbp +  8   return address                                ──copy──▶   rsp           the arguments
//   rbp        the caller's rbp
//
// The copy keeps the original's address modulo the strictest alignment of an argument: `geometry::copied_arguments`.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        endbr64
        tramp_enter

        mov     r11d, [r10 + TRAMP_STACK_SLOT_BYTE_COUNT]
        mov     eax, [r10 + TRAMP_STACK_SLOT_FRAME]
        tramp_lower rax                                 // rsp = rbp + 16, modulo the alignment

        .if     \context
        mov     rax, [r10 + TRAMP_SLOT_CONTEXT]
        mov     [rsp + r11], rax
        .else
        mov     [rsp + r11], r10
        .endif
        jmp     3f
2:      mov     rax, [rbp + r11 + 16]
        mov     [rsp + r11], rax
3:      sub     r11, 8
        jae     2b

        call    [r10 + TRAMP_STACK_SLOT_STACK_HANDLER]
        tramp_leave
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one, which are of functions whose parameters Rust cannot declare: C's
// `...`, and types that are known only at run time. Such a routine stores the argument registers where `va_list` looks for them,
// and has the slot's own handler read them there.
//
// Register contract
//   on entry   as the handler's C caller left it, r10 = address of a stack slot; if the slot is a variadic one, al = 0 if no
//              vector register has an argument; if it is a dynamic one, its byte count is how many have
//   calls      slot.stack_handler(the spilled registers, the first argument on the stack, the slot); if the slot is a dynamic
//              one, with one more argument, the address of the result
//   on exit    as that function returns; dynamic: the result is in rax and in xmm0, of which the caller reads one
//   changes    what any call changes
//
//   System V                                                    Microsoft
//   rbp + 16   the arguments on the stack                       rbp + 16   homes of rcx, rdx, r8 and r9, then the stack's
//   rbp +  8   return address                                   rbp +  8   return address
//   rbp        the caller's rbp                                 rbp        the caller's rbp
//              dynamic: the result                                         dynamic: the result
//              va_list::Spilled: six registers, xmm0 to xmm7               va_list::Spilled: xmm0 to xmm3
//   rsp                                                         rsp + 32   homes of the handler's own arguments
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        endbr64
        tramp_enter

        .if     TRAMP_COFF
        mov     [rbp + 16], rcx
        mov     [rbp + 24], rdx
        mov     [rbp + 32], r8
        mov     [rbp + 40], r9
        sub     rsp, TRAMP_SPILLED_BYTES + 32 + \dynamic * TRAMP_RETURNED_BYTES
        lea     rcx, [rsp + 32]
        movaps  [rcx + TRAMP_SPILLED_FLOATS], xmm0
        movaps  [rcx + TRAMP_SPILLED_FLOATS + 16], xmm1
        movaps  [rcx + TRAMP_SPILLED_FLOATS + 32], xmm2
        movaps  [rcx + TRAMP_SPILLED_FLOATS + 48], xmm3
        lea     rdx, [rbp + 16]
        mov     r8, r10
        .if     \dynamic
        lea     r9, [rbp - TRAMP_RETURNED_BYTES]
        .endif
        .else
        sub     rsp, TRAMP_SPILLED_BYTES + \dynamic * TRAMP_RETURNED_BYTES
        mov     [rsp], rdi
        mov     [rsp + 8], rsi
        mov     [rsp + 16], rdx
        mov     [rsp + 24], rcx
        mov     [rsp + 32], r8
        mov     [rsp + 40], r9
        .if     \dynamic
        mov     eax, [r10 + TRAMP_STACK_SLOT_BYTE_COUNT]
        test    eax, eax
        .else
        test    al, al
        .endif
        je      2f
        movaps  [rsp + TRAMP_SPILLED_FLOATS], xmm0
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 16], xmm1
        .if     \dynamic
        cmp     eax, 2
        jbe     2f
        .endif
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 32], xmm2
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 48], xmm3
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 64], xmm4
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 80], xmm5
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 96], xmm6
        movaps  [rsp + TRAMP_SPILLED_FLOATS + 112], xmm7
2:      mov     rdi, rsp
        lea     rsi, [rbp + 16]
        mov     rdx, r10
        .if     \dynamic
        lea     rcx, [rbp - TRAMP_RETURNED_BYTES]
        .endif
        .endif

        call    [r10 + TRAMP_STACK_SLOT_STACK_HANDLER]
        .if     \dynamic
        mov     rax, [rbp - TRAMP_RETURNED_BYTES]
        movsd   xmm0, qword ptr [rbp - TRAMP_RETURNED_BYTES]
        .endif
        tramp_leave
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "sysv64" fn(function: rdi, registers: rsi, stack: rdx, stack_words: rcx)
//
// Calls `function` with the marks of `registers` in the argument registers and those of `stack` as stack arguments.
        tramp_function {tramp}_call_marked
        tramp_enter

        mov     rax, rdi
        mov     r10, rsi
        lea     r11, [rsp - 64]
        shl     rcx, 3
        sub     r11, rcx
        and     r11, -64                                // the alignment of the largest vector, psABI §3.2.2
        mov     rsp, r11
        jmp     3f
2:      mov     r11, [rdx + rcx]
        mov     [rsp + rcx], r11
3:      sub     rcx, 8
        jae     2b

        mov     rdi, [r10]
        mov     rsi, [r10 + 8]
        mov     rdx, [r10 + 16]
        mov     rcx, [r10 + 24]
        mov     r8,  [r10 + 32]
        mov     r9,  [r10 + 40]
        call    rax
        tramp_leave
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
        .purgem tramp_enter
        .purgem tramp_leave
