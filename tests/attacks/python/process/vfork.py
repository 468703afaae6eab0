"""vfork and execve in C
Starts a program between vfork and execve, on its parent's stack.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.with_output(lambda: at.native().start_by_vfork()))
