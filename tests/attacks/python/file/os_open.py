"""os.open
Opens a file by flags.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.write(os.open(at.key, os.O_WRONLY), b'changed')
    return at.written()
