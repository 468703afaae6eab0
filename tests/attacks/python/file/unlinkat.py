"""syscall(unlinkat)
Removes it relative to a directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    at.syscall(263, os.open('/tmp/secret', os.O_RDONLY), os.path.basename(at.key).encode(), 0)
    return not at.there(at.key)
