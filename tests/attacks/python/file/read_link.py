"""Reading through a link
Reads by a symbolic link elsewhere.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import os


def attack(at):
    os.symlink(at.key, '/tmp/work/read-link')
    return at.told(open('/tmp/work/read-link').read())
