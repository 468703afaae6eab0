// gcc: -O2 -static -o static
/* A program without the C library's file: nothing is preloaded into it. Does what its first argument says. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "run") == 0) {
        char *const shell[] = {"sh", "-c", "echo ran-$((40 + 2))", NULL};
        execv("/usr/bin/dash", shell);
        return 1;
    }
    printf("ran-%d\n", 40 + 2);
    return 0;
}
