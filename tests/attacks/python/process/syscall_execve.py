"""syscall(execve)
Asks for execve by its number through syscall().
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.syscall(59, b'/bin/sh', at.ARGUMENTS, at.VARIABLES)))
