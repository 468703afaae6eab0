/* A later-mapped object with system calls of its own, that tells what a call does to the registers. */
        .text
        .globl  probe_call
        .type   probe_call, %function
/* long probe_call(struct registers *before, struct registers *after)
 *   words 0 to 30: x0 to x30; 31: change of the stack pointer; 32: NZCV; from 34: 32 x 16 bytes of vectors.
 *   Loads them all, makes the call, stores them all into `after`. */
probe_call:
        .cfi_startproc
        stp     x29, x30, [sp, #-176]!
        .cfi_adjust_cfa_offset 176
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        str     x18, [sp, #160]
        adrp    x9, saved_after
        str     x1, [x9, :lo12:saved_after]
        mov     x10, sp
        adrp    x9, saved_sp
        str     x10, [x9, :lo12:saved_sp]
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ldr     q\n, [x0, #272 + 16 * \n]
        .endr
        ldr     x1, [x0, #256]
        msr     nzcv, x1
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        ldr     x\n, [x0, #8 * \n]
        .endr
        ldr     x0, [x0]
        svc     #0
        stp     x0, x1, [sp, #-16]!
        adrp    x0, saved_after
        ldr     x0, [x0, :lo12:saved_after]
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        str     x\n, [x0, #8 * \n]
        .endr
        ldp     x1, x2, [sp], #16
        str     x1, [x0]
        mrs     x1, nzcv
        str     x1, [x0, #256]
        adrp    x1, saved_sp
        ldr     x1, [x1, :lo12:saved_sp]
        mov     x2, sp
        sub     x2, x2, x1
        str     x2, [x0, #248]
        mov     sp, x1
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        str     q\n, [x0, #272 + 16 * \n]
        .endr
        ldr     x18, [sp, #160]
        ldp     d14, d15, [sp, #144]
        ldp     d12, d13, [sp, #128]
        ldp     d10, d11, [sp, #112]
        ldp     d8, d9, [sp, #96]
        ldp     x27, x28, [sp, #80]
        ldp     x25, x26, [sp, #64]
        ldp     x23, x24, [sp, #48]
        ldp     x21, x22, [sp, #32]
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #176
        .cfi_adjust_cfa_offset -176
        ret
        .cfi_endproc
        .size   probe_call, . - probe_call

        /* The word of a system call as a constant among code: must not be touched. */
        .globl  probe_constant
        .type   probe_constant, %function
probe_constant:
        .cfi_startproc
        ldr     w0, 1f
        ret
1:      .word   0xd4000001
        .cfi_endproc
        .size   probe_constant, . - probe_constant

        /* And behind the last function, where the linker puts constants if they are not kept apart. */
        .globl  probe_data
        .type   probe_data, %object
probe_data:
        .word   0xd4000001
        .size   probe_data, . - probe_data

        .bss
        .p2align 3
saved_after:
        .skip   8
saved_sp:
        .skip   8
        .section .note.GNU-stack, "", %progbits
