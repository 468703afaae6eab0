"""mkdir
Makes a directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.mkdir('/tmp/secret/made')
    return at.there('/tmp/secret/made')
