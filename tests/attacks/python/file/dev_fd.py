"""/dev/fd of a file
The same by /dev/fd.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    file = os.open(at.key, os.O_RDONLY)
    open('/dev/fd/%d' % file, 'w').write('changed')
    return at.written()
