"""chmod
Opens a file to everybody.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.chmod(at.key, 0o666)
    return os.stat(at.key).st_mode & 0o777 == 0o666
