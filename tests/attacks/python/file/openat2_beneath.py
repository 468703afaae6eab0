"""openat2 beneath a directory
Names the file beneath a directory's descriptor (RESOLVE_BENEATH).
policy: allowed-paths
audit: regFileAccess
"""
import os
import struct


def attack(at):
    how = struct.pack('QQQ', os.O_WRONLY, 0, 0x08)
    folder = os.open('/tmp/secret', os.O_RDONLY)
    os.write(at.syscall(437, folder, os.path.basename(at.key).encode(), how, 24), b'changed')
    return at.written()
