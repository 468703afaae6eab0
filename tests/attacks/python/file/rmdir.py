"""rmdir
Removes a directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.rmdir('/tmp/secret/empty')
    return not at.there('/tmp/secret/empty')
