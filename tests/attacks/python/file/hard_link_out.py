"""A hard link out of the allowed directory
Gives a file of one's own a name elsewhere.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    open('/tmp/work/mine', 'w').write('mine')
    os.link('/tmp/work/mine', '/tmp/secret/mine')
    return at.there('/tmp/secret/mine')
