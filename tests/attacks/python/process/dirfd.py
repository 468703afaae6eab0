"""execveat from a directory's descriptor
Names the program relative to an open directory.
policy: no-programs
audit: unexpectedProcess
"""
import os


def attack(at):
    return at.ran(at.captured(lambda: at.syscall(322, os.open('/usr', os.O_RDONLY), b'bin/dash', at.ARGUMENTS, at.VARIABLES, 0)))
