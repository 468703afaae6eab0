"""ctypes: open64 and openat64
Calls the C library's other names of open.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = at.libc.openat64(at.HERE, at.key.encode(), os.O_WRONLY | os.O_TRUNC)
    return file >= 0 and at.written()
