"""syscall(fchmodat2)
The same by the newest of these calls.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    at.syscall(452, at.HERE, at.key.encode(), 0o666, 0)
    return os.stat(at.key).st_mode & 0o777 == 0o666
