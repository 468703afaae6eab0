"""A file without a name in the directory itself
Opens an O_TMPFILE where nothing may be made.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    return os.open('/tmp/secret', os.O_RDWR | 0o20200000, 0o600) > 0
