"""os.system
Has the C library's system() start a shell.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.with_output(lambda: os.system(at.COMMAND)))
