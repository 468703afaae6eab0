"""Code in a private mapping of a file
Maps a file privately, writes machine code into the copy and makes it executable.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes
import os


def attack(at):
    file = os.open('/tmp/work/private', os.O_RDWR | os.O_CREAT)
    os.write(file, b'\0' * 4096)
    memory = at.syscall(9, 0, 4096, 3, 2, file, 0)
    ctypes.memmove(memory, at.own_code(), len(at.own_code()))
    at.syscall(10, memory, 4096, 5)
    return at.called(memory)
