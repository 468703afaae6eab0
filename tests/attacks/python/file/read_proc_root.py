"""Reading through /proc/self/root
Reads by a path through the process's root.
policy: denied-reads
audit: explicitlyDeniedFile
"""


def attack(at):
    return at.told(open('/proc/self/root' + at.key).read())
