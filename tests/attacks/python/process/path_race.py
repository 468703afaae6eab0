"""The path swapped in memory
Has a second thread change the path between the check and its use, many rounds.
policy: listed-programs
audit: unexpectedProcess
"""
import ctypes
import os
import threading


def attack(at):
    """Another thread swaps the path between an allowed program and a shell while execve is under way."""
    path = ctypes.create_string_buffer(b"/bin/echo\0\0\0\0", 16)
    swapping = [True]

    def swap():
        while swapping[0]:
            ctypes.memmove(path, b"/bin/sh\0\0\0", 10)
            ctypes.memmove(path, b"/bin/echo\0", 10)

    def start():
        threading.Thread(target=swap).start()
        for _ in range(20):
            at.libc.execve(path, at.ARGUMENTS, at.VARIABLES)
        swapping[0] = False
    for _ in range(40):
        if at.PROOF in at.captured(start).decode():
            return True
    return False
