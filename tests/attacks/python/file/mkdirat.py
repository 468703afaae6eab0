"""syscall(mkdirat)
Makes it relative to a directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    at.syscall(258, os.open('/tmp/secret', os.O_RDONLY), b'made-at', 0o700)
    return at.there('/tmp/secret/made-at')
