"""A library with its own system-call instruction
Loads a library of one's own that asks the kernel itself.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.captured(lambda: at.native().own_execve()))
