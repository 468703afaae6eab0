"""A denied path by ..
Comes from a directory beside it.
policy: denied-paths
audit: explicitlyDeniedFile
"""


def attack(at):
    open('/tmp/work/../secret/' + at.name + '.key', 'w').write('changed')
    return at.written()
