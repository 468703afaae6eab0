"""The same library, from memory
Loads it from a memory file, by dlopen of /proc/self/fd.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes


def attack(at):
    return at.ran(at.captured(lambda: ctypes.CDLL('/proc/self/fd/%d' % at.memory_file(at.read('/var/task/native.so'))).own_execve()))
