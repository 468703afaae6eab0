"""A second C library from memory
The same from a memory file, through syscall() of the copy.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes


def attack(at):
    return at.ran(at.captured(lambda: ctypes.CDLL('/proc/self/fd/%d' % at.memory_file(at.read(at.libc_path()))).syscall(59, b'/bin/sh', at.ARGUMENTS, at.VARIABLES)))
