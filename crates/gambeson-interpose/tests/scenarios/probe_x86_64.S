/* A later-mapped object with system calls of its own, that tells what a call does to the registers. */
        .text
        .globl  probe_call
        .type   probe_call, @function
/* long probe_call(struct registers *before, struct registers *after, int avx512)
 *   before: 16 general registers (in the order of the stores below), flags, red zone filler, then 32 x 64 bytes of vectors.
 *   Loads them all, makes the call, stores them all into `after`. */
probe_call:
        .cfi_startproc
        push    %rbp
        .cfi_adjust_cfa_offset 8
        push    %rbx
        .cfi_adjust_cfa_offset 8
        push    %r12
        .cfi_adjust_cfa_offset 8
        push    %r13
        .cfi_adjust_cfa_offset 8
        push    %r14
        .cfi_adjust_cfa_offset 8
        push    %r15
        .cfi_adjust_cfa_offset 8
        mov     %rsi, saved_after(%rip)
        mov     %edx, saved_wide(%rip)
        test    %edx, %edx
        jz      1f
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        vmovups 256 + 64 * \n(%rdi), %zmm\n
        .endr
        kmovw   128(%rdi), %k1
        kmovw   136(%rdi), %k7
        jmp     2f
1:
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        movups  256 + 64 * \n(%rdi), %xmm\n
        .endr
2:
        /* the red zone: 16 words below the stack pointer */
        mov     144(%rdi), %rax
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
        mov     %rax, -8 * \n(%rsp)
        inc     %rax
        .endr
        mov     120(%rdi), %rax
        push    %rax            /* uses one word of the red zone: refilled below */
        popfq
        mov     144(%rdi), %rax
        mov     %rax, -8(%rsp)
        mov     0(%rdi), %rax
        mov     8(%rdi), %rbx
        mov     32(%rdi), %rdx
        mov     40(%rdi), %rsi
        mov     56(%rdi), %rbp
        mov     64(%rdi), %r8
        mov     72(%rdi), %r9
        mov     80(%rdi), %r10
        mov     88(%rdi), %r12
        mov     96(%rdi), %r13
        mov     104(%rdi), %r14
        mov     112(%rdi), %r15
        mov     48(%rdi), %rdi
        mov     %rsp, saved_rsp(%rip)
        syscall
        mov     saved_after(%rip), %rcx
        mov     %rax, 0(%rcx)
        mov     %rbx, 8(%rcx)
        mov     %rdx, 32(%rcx)
        mov     %rsi, 40(%rcx)
        mov     %rdi, 48(%rcx)
        mov     %rbp, 56(%rcx)
        mov     %r8, 64(%rcx)
        mov     %r9, 72(%rcx)
        mov     %r10, 80(%rcx)
        mov     %r12, 88(%rcx)
        mov     %r13, 96(%rcx)
        mov     %r14, 104(%rcx)
        mov     %r15, 112(%rcx)
        mov     %rsp, %rax
        lea     -256(%rsp), %rsp
        pushfq
        popq    120(%rcx)
        lea     256(%rsp), %rsp
        cld
        sub     saved_rsp(%rip), %rax
        mov     %rax, 152(%rcx)
        /* the red zone: counts the words that are not as they were */
        mov     144(%rcx), %rdx
        xor     %eax, %eax
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
        cmp     %rdx, -8 * \n(%rsp)
        setne   %sil
        movzbl  %sil, %esi
        add     %rsi, %rax
        inc     %rdx
        .endr
        mov     %rax, 144(%rcx)
        mov     saved_wide(%rip), %edx
        test    %edx, %edx
        jz      3f
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        vmovups %zmm\n, 256 + 64 * \n(%rcx)
        .endr
        kmovw   %k1, 128(%rcx)
        kmovw   %k7, 136(%rcx)
        vzeroupper
        jmp     4f
3:
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        movups  %xmm\n, 256 + 64 * \n(%rcx)
        .endr
4:
        pop     %r15
        .cfi_adjust_cfa_offset -8
        pop     %r14
        .cfi_adjust_cfa_offset -8
        pop     %r13
        .cfi_adjust_cfa_offset -8
        pop     %r12
        .cfi_adjust_cfa_offset -8
        pop     %rbx
        .cfi_adjust_cfa_offset -8
        pop     %rbp
        .cfi_adjust_cfa_offset -8
        ret
        .cfi_endproc
        .size   probe_call, . - probe_call

        /* Bytes of a system call inside another instruction: must not be touched. */
        .globl  probe_data
        .type   probe_data, @function
probe_data:
        .cfi_startproc
        mov     $0x050f050f, %eax
        ret
        .cfi_endproc
        .size   probe_data, . - probe_data

        .bss
        .p2align 3
saved_after:
        .skip   8
saved_rsp:
        .skip   8
saved_wide:
        .skip   8
        .section .note.GNU-stack, "", @progbits
