"""A chain of links
Writes through links that lead to links.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.symlink('/tmp/secret/../secret', '/tmp/work/one')
    os.symlink('one', '/tmp/work/two')
    open('/tmp/work/two/./' + at.name + '.key', 'w').write('changed')
    return at.written()
