"""chown
Changes owner or group, if only to what they are.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.chown(at.key, os.getuid(), os.getgid())
    return True
