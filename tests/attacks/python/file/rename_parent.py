"""rename of an allowed directory's parent
Moves another directory to the allowed name.
policy: allowed-paths
audit: regFileAccess
alone: yes
"""
import os


def attack(at):
    os.rename('/tmp/work', '/tmp/was-work')
    os.rename('/tmp/secret', '/tmp/work')
    open('/tmp/work/' + at.name + '.key', 'w').write('changed')
    return not at.there(at.key)
