"""A file without a name, linked into place
Makes an O_TMPFILE in the allowed directory and gives it a name elsewhere.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open('/tmp/work', os.O_RDWR | 0o20200000, 0o600)
    os.write(file, b'mine')
    at.syscall(265, at.HERE, ('/proc/self/fd/%d' % file).encode(), at.HERE, b'/tmp/secret/nameless', 0x400)
    return at.there('/tmp/secret/nameless')
