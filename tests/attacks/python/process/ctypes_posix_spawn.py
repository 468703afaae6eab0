"""ctypes: posix_spawn
Calls the C library's posix_spawn.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes
import os


def attack(at):
    pid = ctypes.c_int()

    def start():
        if at.libc.posix_spawn(ctypes.byref(pid), b"/bin/sh", None, None, at.ARGUMENTS, at.VARIABLES) == 0:
            os.waitpid(pid.value, 0)
    return at.ran(at.with_output(start))
