// The guard for i386. The comments say what differs from guard_x86_64.S.
//
// The System V psABI i386 1.1 (§2.2.1 "Registers") and the conventions that belong to it preserve ebx, esi, edi, ebp and esp.
// But the callee may take bytes off the stack: the address of a returned struct, or with `stdcall` and `fastcall` all
// arguments. Callers say how many.
//
// eax is free before the call, and ecx after it. Each is the guard's base there.

        .intel_syntax noprefix

        .set    RETURN_ADDRESS, 0
        .set    STACK, 4
        .set    INTEGERS, 8
        .set    TARGET, INTEGERS + 4 * 4
        .set    CHANGED, TARGET + 8
        .set    TAKEN_OFF, CHANGED + 8
        .set    STATE_BYTES, TAKEN_OFF + 8

        .data
        .globl  abi_guard_target, abi_guard_changed, abi_guard_taken_off
        .balign 8
state:  .fill   STATE_BYTES, 1, 0
        .set    abi_guard_target, state + TARGET
        .set    abi_guard_changed, state + CHANGED
        .set    abi_guard_taken_off, state + TAKEN_OFF

        .section .rodata
        .globl  abi_guard_registers
abi_guard_registers:
        .asciz  "ebx esi edi ebp esp "

        .text

// What is below the stack pointer is free.
        .macro  load_state register
        call    23f
22:     .long   state - 22b
23:     pop     \register
        add     \register, [\register]
        .endm

        .macro  mark register, bit
        mov     [eax + INTEGERS + 4 * \bit], \register
        mov     \register, -0x12345678 - \bit
        .endm

        .macro  check register, bit
        cmp     \register, -0x12345678 - \bit
        je      2f
        or      dword ptr [ecx + CHANGED], 1 << \bit
2:
        .endm

guard:  load_state eax
        pop     dword ptr [eax + RETURN_ADDRESS]
        mov     [eax + STACK], esp
        mov     dword ptr [eax + CHANGED], 0
        mark    ebx, 0
        mark    esi, 1
        mark    edi, 2
        mark    ebp, 3
        call    [eax + TARGET]

        load_state ecx
        check   ebx, 0
        check   esi, 1
        check   edi, 2
        check   ebp, 3
        mov     esi, [ecx + STACK]
        add     esi, [ecx + TAKEN_OFF]
        cmp     esp, esi
        je      2f
        or      dword ptr [ecx + CHANGED], 1 << 4
        mov     esp, esi
2:      mov     ebx, [ecx + INTEGERS]
        mov     esi, [ecx + INTEGERS + 4]
        mov     edi, [ecx + INTEGERS + 8]
        mov     ebp, [ecx + INTEGERS + 12]
        push    dword ptr [ecx + RETURN_ADDRESS]
        ret

        .irp    register, ebx, esi, edi, ebp
spoil_\register:
        not     \register
        ret
        .endr
spoil_esp:
        ret     8

        .section .data.rel.ro, "aw"
        .globl  abi_guard, abi_guard_every, abi_guard_spoilers
        .balign 4
abi_guard:       .long guard
abi_guard_every: .long guard
abi_guard_spoilers:
        .irp    register, ebx, esi, edi, ebp, esp
        .long   spoil_\register
        .endr

        .text
        .globl  abi_guard_misalign
        .type   abi_guard_misalign, @function
abi_guard_misalign:
        mov     eax, [esp + 4]
        sub     esp, 16
        call    eax
        add     esp, 16
        ret
        .size   abi_guard_misalign, . - abi_guard_misalign

        .section .note.GNU-stack, "", @progbits
