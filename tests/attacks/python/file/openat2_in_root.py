"""openat2 with a root of its own
Has openat2 take /tmp for the root (RESOLVE_IN_ROOT).
policy: allowed-paths
audit: regFileAccess
"""
import os
import struct


def attack(at):
    how = struct.pack('QQQ', os.O_WRONLY, 0, 0x10)
    root = os.open('/tmp', os.O_RDONLY)
    os.write(at.syscall(437, root, at.key[4:].encode(), how, 24), b'changed')
    return at.written()
