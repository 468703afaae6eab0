"""linkat of a descriptor
Links an open file to another name by an empty path.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open('/tmp/work/empty-path', os.O_RDWR | os.O_CREAT)
    os.write(file, b'mine')
    at.syscall(265, at.HERE, ('/proc/self/fd/%d' % file).encode(), at.HERE, b'/tmp/secret/linked', 0x400)
    return at.there('/tmp/secret/linked')
