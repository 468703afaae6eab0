"""fchown
The same by a descriptor.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.fchown(os.open(at.key, os.O_RDONLY), os.getuid(), os.getgid())
    return True
