"""A path that a pattern denies
Writes to a file whose name the deny list has with a star.
policy: denied-pattern
audit: explicitlyDeniedFile
"""


def attack(at):
    open(at.key, 'w').write('changed')
    return at.written()
