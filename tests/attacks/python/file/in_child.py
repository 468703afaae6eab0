"""A forked child
Writes from a child that executed nothing.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    return at.in_child(lambda: open(at.key, 'w').write('changed') or True) and at.written()
