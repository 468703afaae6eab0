// gcc: -O2 -shared -fPIC -o interrupt.so
/* A library with the 32-bit system-call instruction: getpid by `int 0x80`, number 20 there. */
long by_interrupt(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    return result;
}
