// The thunks, the routines and the code that calls the probe, for arm in ARM state.
//
// Convention: AAPCS32 2024Q3 (§6.1.1 "Core registers", §6.4 "Parameter passing"), the same for soft float and VFP. ip
// is for veneers, and a thunk is one. An address whose lowest bit is 0 is ARM code, also for callers in Thumb state,
// and `ldr pc` enters handlers of either state (Arm ARM, "Interworking").
//
// Register lists have double braces, because `global_asm!` takes single ones for operands.
//
// Unwind data is EHABI's (Arm IHI 0038): `.fnstart`, `.save` and `.setfp` instead of CFI.
//
// A thunk, 12 bytes and 4 of padding. pc reads as the instruction's address plus 8.
//
//   sub r2, pc, #8
//   add r2, r2, #TRAMP_DISTANCE
//   ldr pc, [r2, #4]

        .macro  tramp_thunk register, bytes
        sub     \register, pc, #8
        add     \register, \register, #TRAMP_DISTANCE
        ldr     pc, [\register, #TRAMP_SLOT_HANDLER]
        .balign \bytes
        .endm

        .macro  tramp_stack_thunk bytes
        tramp_thunk ip, \bytes
        .endm

        .macro  tramp_each_register each
        .irp    register, r0, r1, r2, r3
        \each   \register
        .endr
        .endm

// The tables of the C library. The protocol is libffi's. Everything, also the flags, is unchanged, except
//   [sp]       ip, the scratch register             [sp + 4]   the context            sp + 8     sp as it was
// and ip. A register's thunk changes that register and ip. While the context passes through ip, no register is left for
// the slot's address. So the thunk computes the address twice. In both `add`s, pc reads as the instruction's address
// plus 8.
        .macro  tramp_protocol_thunk
        str     ip, [sp, #-8]!
        add     ip, pc, #TRAMP_DISTANCE                 // slot + 4 + 8
        ldr     ip, [ip, #TRAMP_SLOT_CONTEXT - 4 - 8]
        str     ip, [sp, #4]
        add     ip, pc, #TRAMP_DISTANCE                 // slot + 16 + 8
        ldr     pc, [ip, #TRAMP_SLOT_HANDLER - 16 - 8]
        .balign TRAMP_PROTOCOL_BYTES
        .endm

        .macro  tramp_context_thunk register
        add     ip, pc, #TRAMP_DISTANCE                 // slot + 8
        ldr     \register, [ip, #TRAMP_SLOT_CONTEXT - 8]
        ldr     pc, [ip, #TRAMP_SLOT_HANDLER - 8]
        .balign TRAMP_CONTEXT_BYTES
        .endm

// The static chain travels in ip. So the context comes last, together with the target.
        .macro  tramp_each_chain each
        \each   ip
        .endm

        .macro  tramp_chain_thunk register
        add     \register, pc, #TRAMP_DISTANCE          // slot + 8
        sub     \register, \register, #8 - TRAMP_SLOT_CONTEXT
        .if     TRAMP_SLOT_HANDLER - TRAMP_SLOT_CONTEXT - 4
        .error  "ldm loads words that follow one another"
        .endif
        ldm     \register, {{\register, pc}}
        .balign TRAMP_CONTEXT_BYTES
        .endm

        .arm
        tramp_all_tables

// Lowers the stack pointer and touches each page on the way: x86_64.s.
        .macro  tramp_lower bytes
4:      cmp     \bytes, #4096
        blo     5f
        sub     sp, sp, #4096
        str     \bytes, [sp]
        sub     \bytes, \bytes, #4096
        b       4b
5:      sub     sp, sp, \bytes
        .endm

// On entry, ip = a stack slot. Changes ip and lr. r4 to r7 are saved.
        .macro  tramp_stack_routine name, context
        tramp_function \name
        .fnstart
        push    {{r4, r5, r6, r7, fp, lr}}
        .save   {{r4, r5, r6, r7, fp, lr}}
        add     fp, sp, #24                             // the caller's stack arguments
        .setfp  fp, sp, #24

        ldr     r4, [ip, #TRAMP_STACK_SLOT_BYTE_COUNT]
        ldr     r5, [ip, #TRAMP_STACK_SLOT_FRAME]
        tramp_lower r5

        .if     \context
        ldr     r7, [ip, #TRAMP_SLOT_CONTEXT]
        str     r7, [sp, r4]
        .else
        str     ip, [sp, r4]
        .endif
        b       3f
2:      ldr     r7, [fp, r4]
        str     r7, [sp, r4]
3:      subs    r4, r4, #4
        bhs     2b

        ldr     lr, [ip, #TRAMP_STACK_SLOT_STACK_HANDLER]
        blx     lr
        sub     sp, fp, #24
        pop     {{r4, r5, r6, r7, fp, pc}}
        .fnend
        tramp_end \name
        .endm

        tramp_stack_routine {tramp}_stack, 0
        .if     TRAMP_C
        tramp_stack_routine {tramp}_c_stack, 1
        .endif

// The handlers of every variadic slot and of every dynamic one: x86_64.s. Entered with ip = a stack slot. r0 to r3 come to lie
// below the caller's stack arguments, so that all lie one behind the other. A dynamic slot's result is in r0 and r1, and with
// the VFP variant also in d0.
        .macro  tramp_spill_routine name, dynamic
        tramp_function \name
        .fnstart
        push    {{r0, r1, r2, r3}}
        .pad    #16
        mov     r1, sp                                  // the first argument
        push    {{r4, lr}}                              // r4 for the stack's alignment
        .save   {{r4, lr}}
        .if     \dynamic
        sub     sp, sp, #TRAMP_DYNAMIC_BYTES + TRAMP_RETURNED_BYTES
        .pad    #TRAMP_DYNAMIC_BYTES + TRAMP_RETURNED_BYTES
        mov     r0, sp
        .if     TRAMP_DYNAMIC_BYTES
        vstm    r0, {{d0, d1, d2, d3, d4, d5, d6, d7}}
        .endif
        add     r3, sp, #TRAMP_DYNAMIC_BYTES
        .else
        mov     r0, #0                                  // no register was stored elsewhere
        .endif
        mov     r2, ip
        ldr     lr, [ip, #TRAMP_STACK_SLOT_STACK_HANDLER]
        blx     lr
        .if     \dynamic
        ldr     r0, [sp, #TRAMP_DYNAMIC_BYTES]
        ldr     r1, [sp, #TRAMP_DYNAMIC_BYTES + 4]
        .if     TRAMP_DYNAMIC_BYTES
        vmov    d0, r0, r1
        .endif
        add     sp, sp, #TRAMP_DYNAMIC_BYTES + TRAMP_RETURNED_BYTES
        .endif
        pop     {{r4, lr}}
        add     sp, sp, #16
        bx      lr
        .fnend
        tramp_end \name
        .endm

        tramp_spill_routine {tramp}_spill, 0
        tramp_spill_routine {tramp}_dynamic, 1

// extern "C" fn(function: r0, registers: r1, stack: r2, stack_words: r3)
        tramp_function {tramp}_call_marked
        .fnstart
        push    {{r4, r5, r6, r7, fp, lr}}
        .save   {{r4, r5, r6, r7, fp, lr}}
        add     fp, sp, #24
        .setfp  fp, sp, #24

        mov     lr, r0
        mov     ip, r1
        lsl     r4, r3, #2
        sub     r5, sp, r4
        sub     r5, r5, #64
        bic     sp, r5, #63
        b       3f
2:      ldr     r7, [r2, r4]
        str     r7, [sp, r4]
3:      subs    r4, r4, #4
        bhs     2b

        ldm     ip, {{r0, r1, r2, r3}}
        blx     lr
        sub     sp, fp, #24
        pop     {{r4, r5, r6, r7, fp, pc}}
        .fnend
        tramp_end {tramp}_call_marked

        .purgem tramp_thunk
        .purgem tramp_context_thunk
