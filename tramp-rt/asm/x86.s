// The code table, the stack routine and the probe's caller for i386.
//
// Convention: System V psABI i386 1.1 (§2.2.2 "Registers and the Stack Frame", §2.2.3 "Parameter Passing"). Everything is
// on the stack, so the only table is the stack's. eax is free at a call. So are ecx and edx, but `fastcall` and `thiscall`
// pass arguments in them: they go through here unchanged. A slot that would travel in one of them has no thunk.
//
// No instruction reads the program counter: each run of thunks begins with a helper, in the place that the slots' header
// leaves free of a thunk, which makes the calling thunk's address of its return address. A call and a return, balanced,
// keep the processor's return predictor right.
//
//   thunk:  endbr32
//           call 22f                eax = thunk
//           lea  eax, [eax + …]     eax = slot
//           jmp  [eax + 4]          the stack routine
//   22:     mov  eax, [esp]
//           and  eax, -32           thunks are aligned to their size
//           ret

        .set    TRAMP_SEH, 0

        .macro  tramp_thunk bytes
        tramp_target
        endbr32
        call    22b
        .if     TRAMP_COFF
        .byte   0x8d, 0x80                              // lea eax, [eax + …], a difference that only data can have
        .long   tramp_rt_v0_slots - tramp_rt_v0_tables
        .else
        lea     eax, [eax + TRAMP_DISTANCE]
        .endif
        jmp     [eax + TRAMP_SLOT_HANDLER]
        .balign \bytes, 0xcc
        .endm

        .macro  tramp_run bytes
22:     mov     eax, [esp]
        and     eax, -\bytes
        ret
        .balign \bytes, 0xcc
        .rept   TRAMP_RUN_BYTES / \bytes - 1
        tramp_thunk \bytes
        .endr
        .endm

        tramp_tables
        tramp_function tramp_rt_v0_tables, TRAMP_ALIGN_BYTES
        .rept   TRAMP_TABLE_BYTES / TRAMP_RUN_BYTES
        tramp_run TRAMP_STACK_SLOT_BYTES
        .endr
        tramp_end tramp_rt_v0_tables

// The table of the C library: libffi's protocol, for targets in assembly. Everything arrives as it was, flags too, but for
//   [esp]      eax, the scratch register            [esp + 4]  the context            esp + 8    esp as it was
//
//   thunk:  endbr32
//           push eax
//           push eax                the context's place
//           call 23f                eax = 24:
//   24:     push [eax + …]
//           pop  [esp + 4]          counted from where the pop leaves esp
//           jmp  [eax + …]
//   23:     mov  eax, [esp]
//           ret
        .if     TRAMP_C
        .macro  tramp_protocol_thunk
22:     endbr32
        push    eax
        push    eax
        call    23b
24:
        .set    tramp_to_slot, TRAMP_DISTANCE - (24b - 22b)
        push    dword ptr [eax + tramp_to_slot + TRAMP_SLOT_CONTEXT]
        pop     dword ptr [esp + 4]
        jmp     dword ptr [eax + tramp_to_slot + TRAMP_SLOT_HANDLER]
        .balign TRAMP_PROTOCOL_BYTES, 0xcc
        .endm

        .macro  tramp_protocol_run
23:     mov     eax, [esp]
        ret
        .balign TRAMP_PROTOCOL_BYTES, 0xcc
        .rept   TRAMP_RUN_BYTES / TRAMP_PROTOCOL_BYTES - 1
        tramp_protocol_thunk
        .endr
        .endm

        tramp_function tramp_rt_v0_c_tables, TRAMP_ALIGN_BYTES
        .rept   TRAMP_TABLE_BYTES / TRAMP_RUN_BYTES
        tramp_protocol_run
        .endr
        tramp_end tramp_rt_v0_c_tables
        .endif
        tramp_code

// Entered with eax = a stack slot. ecx and edx take arguments there, edx and st(0) bring results back; ebx, esi and edi are
// saved.
//
// What the handler takes off the stack when it returns, the routine takes off its caller's: the pointer for a returned
// struct (psABI §2.2.2, `ret $4`), or all arguments (`stdcall`). The slot's address is one argument more to a `stdcall`
// handler and is not the caller's.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        endbr32
        push    ebp
        .cfi_def_cfa_offset 8
        .cfi_offset ebp, -8
        mov     ebp, esp
        .cfi_def_cfa_register ebp
        push    ebx
        push    esi
        push    edi
        .cfi_offset ebx, -12
        .cfi_offset esi, -16
        .cfi_offset edi, -20

        mov     edi, [eax + TRAMP_STACK_SLOT_BYTE_COUNT]
        push    edi                                     // [ebp - 16]
        mov     ebx, esp
        sub     ebx, edi
        sub     ebx, 4
        mov     esi, ebx
        sub     esi, ebp
        sub     esi, 8
        and     esi, [eax + TRAMP_STACK_SLOT_ALIGN_MASK]
        sub     ebx, esi
        mov     esp, ebx                                // esp = ebp + 8, modulo the alignment

        .if     \context
        mov     esi, [eax + TRAMP_SLOT_CONTEXT]
        mov     [esp + edi], esi
        .else
        mov     [esp + edi], eax
        .endif
        jmp     3f
2:      mov     esi, [ebp + edi + 8]
        mov     [esp + edi], esi
3:      sub     edi, 4
        jae     2b

        call    [eax + TRAMP_STACK_SLOT_STACK_HANDLER]
        mov     ecx, esp
        sub     ecx, ebx                                // what the handler took off
        mov     edi, [ebp - 16]
        lea     esi, [edi + 4]
        cmp     ecx, esi
        cmove   ecx, edi                                // all of it: less the slot's address
        lea     esp, [ebp - 12]
        pop     edi
        pop     esi
        pop     ebx
        pop     ebp
        .cfi_def_cfa esp, 4
        .cfi_restore ebx
        .cfi_restore esi
        .cfi_restore edi
        .cfi_restore ebp
        add     ecx, esp
        pop     dword ptr [ecx]                         // the return address, above what is taken off
        mov     esp, ecx
        ret
        tramp_end \name
        .endm

        tramp_stack_routine tramp_rt_v0_stack, 0
        .if     TRAMP_C
        tramp_stack_routine tramp_rt_v0_c_stack, 1
        .endif

// extern "C" fn(function: [ebp + 8], registers: [ebp + 12], stack: [ebp + 16], stack_words: [ebp + 20])
        tramp_function tramp_rt_v0_call_marked
        push    ebp
        .cfi_def_cfa_offset 8
        .cfi_offset ebp, -8
        mov     ebp, esp
        .cfi_def_cfa_register ebp
        push    esi
        push    edi
        .cfi_offset esi, -12
        .cfi_offset edi, -16

        mov     ecx, [ebp + 20]
        mov     esi, [ebp + 16]
        lea     edx, [ecx * 4 + 64]
        mov     edi, esp
        sub     edi, edx
        and     edi, -64
        mov     esp, edi
        jmp     3f
2:      mov     eax, [esi + ecx * 4]
        mov     [esp + ecx * 4], eax
3:      sub     ecx, 1
        jae     2b

        call    [ebp + 8]
        emms                                            // a float that was returned is nobody's
        lea     esp, [ebp - 8]
        pop     edi
        pop     esi
        pop     ebp
        .cfi_def_cfa esp, 4
        ret
        tramp_end tramp_rt_v0_call_marked
        .popsection
