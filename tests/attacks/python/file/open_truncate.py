"""open for reading, with O_TRUNC
Empties a file by opening it for reading.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.open(at.key, os.O_RDONLY | os.O_TRUNC)
    return at.written()
