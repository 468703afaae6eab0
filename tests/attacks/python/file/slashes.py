"""A path with doubled slashes and dots
Spells the path in another way.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open('//tmp/./secret//./' + at.name + '.key', 'w').write('changed')
    return at.written()
