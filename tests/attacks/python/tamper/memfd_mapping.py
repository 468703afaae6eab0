"""Code in two mappings of a memory file
The same with a file that has no name.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes


def attack(at):
    file = at.memory_file(b'\0' * 4096)
    running = at.syscall(9, 0, 4096, 5, 1, file, 0)
    writing = at.syscall(9, 0, 4096, 3, 1, file, 0)
    ctypes.memmove(writing, at.own_code(), len(at.own_code()))
    return at.called(running)
