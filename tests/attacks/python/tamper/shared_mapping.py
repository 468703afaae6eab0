"""Code in two shared mappings of a file
Maps a file to execute and to write at once, and writes machine code afterwards.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import ctypes
import os


def attack(at):
    file = os.open('/tmp/work/shared', os.O_RDWR | os.O_CREAT)
    os.write(file, b'\0' * 4096)
    running = at.syscall(9, 0, 4096, 5, 1, file, 0)
    writing = at.syscall(9, 0, 4096, 3, 1, file, 0)
    ctypes.memmove(writing, at.own_code(), len(at.own_code()))
    return at.called(running)
