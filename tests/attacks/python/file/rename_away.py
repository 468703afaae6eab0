"""rename of the file
Moves the file into the allowed directory and changes it there.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.rename(at.key, '/tmp/work/moved')
    return at.written()
