// As x86_64.S. The address is in lr before it is called, and in r11 before it is jumped to.

#define FLAGS 15
#define INTEGERS r0-r11

        .syntax unified
        .arm
        .fpu    vfpv3
        .text
        .globl  registers_run
        .type   registers_run, %function
registers_run:
        push    {r4-r11, ip, lr}
        vpush   {d8-d15}
        ldr     r0, =stack
        str     sp, [r0]
        ldr     r0, =registers_in
        add     r1, r0, #64
        vldmia  r1!, {d0-d15}
        ldr     r1, [r0, #4 * FLAGS]
        msr     apsr_nzcvq, r1
        ldr     ip, [r0, #4]
        ldr     lr, =registers_jump
        ldr     lr, [lr]
        teq     lr, #0                          // changes N and Z
        add     lr, r0, #12
        bne     2f
        msr     apsr_nzcvq, r1
        ldm     lr, {INTEGERS}
        ldr     lr, =registers_address
        ldr     lr, [lr]
        blx     lr
        b       4f
2:      msr     apsr_nzcvq, r1
        ldm     lr, {INTEGERS}
        ldr     r11, =registers_address
        ldr     r11, [r11]
        adr     lr, 4f
        bx      r11
4:      vpop    {d8-d15}
        pop     {r4-r11, ip, pc}

        .globl  registers_target
        .type   registers_target, %function
registers_target:
        ldr     ip, =registers_out
        add     ip, ip, #12
        stm     ip!, {INTEGERS}
        ldr     r0, =registers_jump
        ldr     r0, [r0]
        mrs     r1, apsr
        str     r1, [ip], #4
        teq     r0, #0
        beq     2f
        ldr     r0, =registers_address          // r11 had this instead of its mark
        ldr     r0, [r0]
        teq     r0, r11
        ldreq   r0, =registers_in + 12 + 44
        ldreq   r0, [r0]
        streq   r0, [ip, #-8]
2:      vstmia  ip!, {d0-d15}
        ldr     ip, =registers_out
        pop     {r0, r1}
        str     r0, [ip, #4]
        str     r1, [ip]
        ldr     r0, =stack
        ldr     r0, [r0]
        sub     r0, sp, r0
        str     r0, [ip, #8]
        bx      lr
        .ltorg

        .globl  registers_chain_ip
        .type   registers_chain_ip, %function
registers_chain_ip:
        str     ip, [sp, #-4]!
        ldr     ip, =registers_in + 4
        ldr     ip, [ip]
        str     ip, [sp, #-4]!
        b       registers_target
        .ltorg

        .data
        .globl  registers_bytes, registers_flags
        .balign 4
registers_bytes: .word 64 + 16 * 8
registers_flags: .word FLAGS
        .comm   registers_in, 64 + 16 * 8, 16
        .comm   registers_out, 64 + 16 * 8, 16
        .lcomm  stack, 4
        .section .note.GNU-stack, "", %progbits
