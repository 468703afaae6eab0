"""A second C library
Loads a copy of libc from /tmp and calls its execve.
policy: no-programs
audit: unexpectedProcess
"""
import ctypes


def attack(at):
    return at.ran(at.captured(lambda: ctypes.CDLL(at.copied(at.libc_path(), '/tmp/work/second-libc.so')).execve(b'/bin/sh', at.ARGUMENTS, at.VARIABLES)))
