"""syscall(openat)
Asks for openat by its number.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.write(at.syscall(257, at.HERE, at.key.encode(), os.O_WRONLY, 0), b'changed')
    return at.written()
