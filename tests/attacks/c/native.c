// gcc: -O2 -shared -fPIC -o native.so
/* What Python's techniques cannot do without a compiler. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const arguments[] = {"sh", "-c", "echo ran-$((40 + 2))", NULL};
static char *const variables[] = {"PATH=/usr/bin:/bin", NULL};

/* vfork and execve with nothing between them. */
int start_by_vfork(void) {
    pid_t child = vfork();
    if (child == 0) {
        execve("/bin/sh", arguments, variables);
        _exit(77);
    }
    int status;
    waitpid(child, &status, 0);
    return status;
}

static long inline_syscall3(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

/* execve with a system-call instruction of this file's own. */
long own_execve(void) { return inline_syscall3(59, (long)"/bin/sh", (long)arguments, (long)variables); }

/* connect, write and open in the same way. */
long own_connect(long socket, const void *address, long length) { return inline_syscall3(42, socket, (long)address, length); }
long own_open(const char *path, long flags, long mode) { return inline_syscall3(2, (long)path, flags, mode); }

/* Has a page of its own, with nothing in it that would be patched. */
__attribute__((aligned(4096), noinline)) int far_away(void) { return 1; }
__attribute__((aligned(4096), noinline)) int behind_it(void) { return 2; }

/* Puts execve's number and arguments into the registers and jumps to somebody else's system-call instruction. */
void jump_to_execve(void *gadget) {
    __asm__ volatile("jmp *%4" : : "a"(59L), "D"("/bin/sh"), "S"(arguments), "d"(variables), "r"(gadget));
}
