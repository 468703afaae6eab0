"""os.posix_spawn
Has the C library start the program, by vfork.
policy: no-programs
audit: unexpectedProcess
since: 3.8
"""
import os


def attack(at):
    return at.ran(at.with_output(lambda: os.waitpid(os.posix_spawn('/bin/sh', at.SHELL, {}), 0)))
