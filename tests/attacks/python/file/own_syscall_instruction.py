"""A library with its own system-call instruction
Opens from a library of one's own that asks the kernel itself.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = at.native().own_open(at.key.encode(), os.O_WRONLY, 0)
    os.write(file, b'changed')
    return at.written()
