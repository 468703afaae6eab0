"""A second C library
Opens by a copy of libc.
policy: allowed-paths
audit: regFileAccess
"""
import ctypes
import os


def attack(at):
    other = ctypes.CDLL(at.copied(at.libc_path(), '/tmp/work/file-libc.so'))
    os.write(other.open(at.key.encode(), os.O_WRONLY), b'changed')
    return at.written()
