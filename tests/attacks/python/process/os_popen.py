"""os.popen
Reads the output of a shell command.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(os.popen(at.COMMAND).read())
