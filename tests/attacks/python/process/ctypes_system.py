"""ctypes: system
Calls the C library's system.
policy: no-programs
audit: unexpectedProcess
"""
def attack(at):
    return at.ran(at.with_output(lambda: at.libc.system(at.COMMAND.encode())))
