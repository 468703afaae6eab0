"""A path with ..
Leaves the allowed directory by way of it.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open('/tmp/work/../secret/' + at.name + '.key', 'w').write('changed')
    return at.written()
