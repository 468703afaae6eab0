"""syscall(execveat)
The same for execveat, which no C library function used to call.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.syscall(322, at.HERE, b'/bin/sh', at.ARGUMENTS, at.VARIABLES, 0)))
