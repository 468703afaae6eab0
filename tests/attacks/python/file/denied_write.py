"""A denied path
Writes where the deny list says.
policy: denied-paths
audit: explicitlyDeniedFile
"""


def attack(at):
    open(at.key, 'w').write('changed')
    return at.written()
