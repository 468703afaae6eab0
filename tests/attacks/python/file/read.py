"""Reading
Reads a file that the deny list names, with reads on.
policy: denied-reads
audit: explicitlyDeniedFile
"""


def attack(at):
    return at.told(open(at.key).read())
