"""ctypes: execve
Calls the C library's execve.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.libc.execve(b'/bin/sh', at.ARGUMENTS, at.VARIABLES)))
