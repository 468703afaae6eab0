"""syscall(openat2)
Asks for openat2, which no C library function calls.
policy: allowed-paths
audit: regFileAccess
"""
import os
import struct


def attack(at):
    how = struct.pack('QQQ', os.O_WRONLY, 0, 0)
    os.write(at.syscall(437, at.HERE, at.key.encode(), how, 24), b'changed')
    return at.written()
