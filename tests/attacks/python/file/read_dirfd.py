"""Reading relative to a directory
Names the file relative to an open parent.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    folder = os.open('/tmp', os.O_RDONLY)
    return at.told(os.read(at.syscall(257, folder, at.key[5:].encode(), 0, 0), 100))
