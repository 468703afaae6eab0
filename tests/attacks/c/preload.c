// gcc: -O2 -shared -fPIC -nostartfiles -o preload.so
/* A library that becomes another program as soon as it is loaded, with a system-call instruction of its own. */
static char *const arguments[] = {"id", 0};
static char *const variables[] = {0};

__attribute__((constructor)) static void become(void) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(59L), "D"("/usr/bin/id"), "S"(arguments), "d"(variables) : "rcx", "r11", "memory");
}

/* What the dynamic loader asks an auditor for. */
unsigned int la_version(unsigned int version) { return version; }
