"""ctypes: fopen
Has the C library's streams open it.
policy: allowed-paths
audit: regFileAccess
"""
import ctypes


def attack(at):
    at.libc.fopen.restype = ctypes.c_void_p
    at.libc.fopen(at.key.encode(), b'w')
    return at.written()
