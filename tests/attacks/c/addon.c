// gcc: -O2 -shared -fPIC -o native.node
/* An addon for Node: `syscall(number, …)` through libc, with numbers, strings and buffers, and code that runs where it is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is needed of node_api.h, so that no header of Node's is. */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
enum { napi_number = 3, napi_string = 4 };
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern int napi_typeof(napi_env, napi_value, int *);
extern int napi_get_value_int64(napi_env, napi_value, int64_t *);
extern int napi_get_value_string_utf8(napi_env, napi_value, char *, size_t, size_t *);
extern int napi_get_buffer_info(napi_env, napi_value, void **, size_t *);
extern int napi_create_int64(napi_env, int64_t, napi_value *);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);

static napi_value number(napi_env env, int64_t value) {
    napi_value result;
    napi_create_int64(env, value, &result);
    return result;
}

/* Reads up to seven arguments; strings are copied into `texts`. */
static size_t read_arguments(napi_env env, napi_callback_info info, int64_t *values, char texts[7][512]) {
    size_t count = 7;
    napi_value arguments[7];
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    for (size_t i = 0; i < count && i < 7; i++) {
        int kind;
        void *data;
        size_t length;
        napi_typeof(env, arguments[i], &kind);
        if (kind == napi_number) {
            napi_get_value_int64(env, arguments[i], &values[i]);
        } else if (kind == napi_string) {
            napi_get_value_string_utf8(env, arguments[i], texts[i], 512, &length);
            values[i] = (int64_t)texts[i];
        } else {
            napi_get_buffer_info(env, arguments[i], &data, &length);
            values[i] = (int64_t)data;
        }
    }
    return count;
}

/* The result, or the negative error number. */
static napi_value by_libc(napi_env env, napi_callback_info info) {
    int64_t a[7] = {0};
    char texts[7][512];
    read_arguments(env, info, a, texts);
    long result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    return number(env, result == -1 ? -errno : result);
}

/* Starts /bin/sh with its output in a descriptor. How: 0 vfork and execve, 1 our own system-call instruction. */
static napi_value start(napi_env env, napi_callback_info info) {
    static char *const arguments[] = {"sh", "-c", "echo ran-$((40 + 2))", NULL};
    static char *const variables[] = {"PATH=/usr/bin:/bin", NULL};
    int64_t a[7] = {0};
    char texts[7][512];
    read_arguments(env, info, a, texts);
    pid_t child = a[0] ? fork() : vfork();
    if (child == 0) {
        dup2((int)a[1], 1);
        if (a[0]) {
            long result;
            __asm__ volatile("syscall" : "=a"(result) : "a"(59L), "D"("/bin/sh"), "S"(arguments), "d"(variables) : "rcx", "r11", "memory");
        } else {
            execve("/bin/sh", arguments, variables);
        }
        _exit(77);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return number(env, status);
}

/* Runs getpid() written as machine code into new memory: 1 if it answered. */
static napi_value own_code(napi_env env, napi_callback_info info) {
    static const unsigned char code[] = {0xb8, 0x27, 0, 0, 0, 0x0f, 0x05, 0xc3};
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return number(env, 0);
    for (size_t i = 0; i < sizeof code; i++) page[i] = code[i];
    return number(env, ((long (*)(void))page)() == getpid());
}

static void export(napi_env env, napi_value exports, const char *name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, (size_t)-1, callback, NULL, &function);
    napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
    export(env, exports, "syscall", by_libc);
    export(env, exports, "start", start);
    export(env, exports, "ownCode", own_code);
    return exports;
}
