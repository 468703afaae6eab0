"""A program in memory, by fexecve
Writes a program into a memory file and executes its descriptor.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.libc.fexecve(at.memory_file(at.read('/bin/sh')), at.ARGUMENTS, at.VARIABLES)))
