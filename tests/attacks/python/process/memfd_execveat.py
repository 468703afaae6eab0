"""A program in memory, by execveat
The same with an empty path and AT_EMPTY_PATH.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.syscall(322, at.memory_file(at.read('/bin/sh')), b'', at.ARGUMENTS, at.VARIABLES, 0x1000)))
