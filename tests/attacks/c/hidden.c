// gcc: -O0 -shared -fPIC -o hidden.so
/* A library whose system-call instruction is hidden in the constant of another instruction: who reads it from its beginning
   sees a move. */
#include <unistd.h>

static char *const arguments[] = {"sh", "-c", "echo ran-$((40 + 2))", 0};
static char *const variables[] = {"PATH=/usr/bin:/bin", 0};

__asm__(".text\n.globl hidden\nhidden:\n  movl $0x90c3050f, %ecx\n  ret\n");
extern const unsigned char hidden[];

void hidden_execve(void) {
    __asm__ volatile("call *%4" : : "a"(59L), "D"("/bin/sh"), "S"(arguments), "d"(variables), "r"(hidden + 1) : "rcx", "r11", "memory");
}
