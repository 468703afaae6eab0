"""rename of its directory
Moves the directory around it.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.rename('/tmp/secret/folder', '/tmp/work/moved-folder')
    return at.there('/tmp/work/moved-folder')
