"""syscall(fchmodat)
The same relative to a directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    at.syscall(268, os.open('/tmp/secret', os.O_RDONLY), os.path.basename(at.key).encode(), 0o666)
    return os.stat(at.key).st_mode & 0o777 == 0o666
