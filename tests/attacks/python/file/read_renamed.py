"""Reading after a rename
Moves the file away and reads it there.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    os.rename(at.key, '/tmp/work/read-moved')
    return at.told(open('/tmp/work/read-moved').read())
