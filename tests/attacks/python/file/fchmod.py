"""fchmod
The same by a descriptor for reading.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.fchmod(os.open(at.key, os.O_RDONLY), 0o666)
    return os.stat(at.key).st_mode & 0o777 == 0o666
