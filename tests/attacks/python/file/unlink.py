"""unlink
Removes a file.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.unlink(at.key)
    return not at.there(at.key)
