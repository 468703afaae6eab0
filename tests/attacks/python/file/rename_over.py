"""rename over a file
Puts a file of one's own in its place.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    open('/tmp/work/new', 'w').write('changed')
    os.rename('/tmp/work/new', at.key)
    return at.written()
