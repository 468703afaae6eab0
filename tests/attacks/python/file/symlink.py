"""A symbolic link to a file
Writes through a link in the allowed directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.symlink(at.key, '/tmp/work/link')
    open('/tmp/work/link', 'w').write('changed')
    return at.written()
