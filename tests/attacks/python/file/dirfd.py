"""A directory's descriptor
Names the file relative to an open directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    folder = os.open('/tmp/secret', os.O_RDONLY)
    os.write(at.syscall(257, folder, os.path.basename(at.key).encode(), os.O_WRONLY, 0), b'changed')
    return at.written()
