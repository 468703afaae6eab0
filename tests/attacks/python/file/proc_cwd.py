"""/proc/self/cwd
Writes by a path through the process's directory.
policy: allowed-paths
audit: regFileAccess
"""
import os


def attack(at):
    os.chdir('/tmp/secret')
    open('/proc/self/cwd/' + os.path.basename(at.key), 'w').write('changed')
    return at.written()
