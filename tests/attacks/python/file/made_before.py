"""A file opened before it moved
Opens a file in the allowed directory and moves it away while it is open.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open('/tmp/work/early', os.O_WRONLY | os.O_CREAT)
    os.rename('/tmp/work/early', '/tmp/secret/late')
    os.write(file, b'changed')
    return at.there('/tmp/secret/late')
