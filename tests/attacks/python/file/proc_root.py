"""/proc/self/root
Writes by a path through the process's root.
policy: allowed-paths
audit: regFileAccess
"""


def attack(at):
    open('/proc/self/root' + at.key, 'w').write('changed')
    return at.written()
