// The code tables, the stack routine and the probe's caller for arm, in ARM state.
//
// Convention: AAPCS32 2024Q3 (§6.1.1 "Core registers", §6.4 "Parameter passing"), the same for soft float and VFP. ip is
// for such veneers as these. An address with an even lowest bit is ARM code, to callers in Thumb state too, and `ldr pc`
// goes to handlers of either state (Arm ARM, "Interworking").
//
// Register lists have their braces doubled, for `global_asm!` takes single ones for operands.
//
// Unwinding is EHABI's (Arm IHI 0038): `.fnstart`, `.save` and `.setfp` instead of CFI.
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

        .macro  tramp_table register, bytes
        .rept   TRAMP_TABLE_BYTES / \bytes
        tramp_thunk \register, \bytes
        .endr
        .endm

        tramp_tables
        .arm
        tramp_function tramp_rt_v0_tables, TRAMP_ALIGN_BYTES
        tramp_table r0, TRAMP_THUNK_BYTES
        tramp_table r1, TRAMP_THUNK_BYTES
        tramp_table r2, TRAMP_THUNK_BYTES
        tramp_table r3, TRAMP_THUNK_BYTES
        tramp_table ip, TRAMP_STACK_SLOT_BYTES          // for the stack routine
        tramp_end tramp_rt_v0_tables
        tramp_code

// Entered with ip = a stack slot. Changes ip and lr; r4 to r7 are saved.
        tramp_function tramp_rt_v0_stack
        .fnstart
        push    {{r4, r5, r6, r7, fp, lr}}
        .save   {{r4, r5, r6, r7, fp, lr}}
        add     fp, sp, #24                             // the caller's stack arguments
        .setfp  fp, sp, #24

        ldr     r4, [ip, #TRAMP_STACK_SLOT_BYTE_COUNT]
        ldr     r5, [ip, #TRAMP_STACK_SLOT_ALIGN_MASK]
        sub     r6, sp, r4
        sub     r6, r6, #4
        sub     r7, r6, fp
        and     r7, r7, r5
        sub     sp, r6, r7

        str     ip, [sp, r4]
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
        tramp_end tramp_rt_v0_stack

// extern "C" fn(function: r0, registers: r1, stack: r2, stack_words: r3)
        tramp_function tramp_rt_v0_call_marked
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
        tramp_end tramp_rt_v0_call_marked
        .popsection
