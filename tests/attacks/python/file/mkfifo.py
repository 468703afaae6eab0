"""mkfifo
Makes a named pipe.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.mkfifo('/tmp/secret/pipe')
    return at.there('/tmp/secret/pipe')
