"""A hard link into the allowed directory
Gives the file a second name there and writes by that.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.link(at.key, '/tmp/work/hard')
    open('/tmp/work/hard', 'w').write('changed')
    return at.written()
