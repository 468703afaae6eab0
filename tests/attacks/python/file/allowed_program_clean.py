"""The same with an emptied environment
Empties the environment on the way to the shell.
policy: network-of-children
audit: explicitlyDeniedFile
"""
import subprocess


def attack(at):
    # What it complains about would stand in the log, in the middle of an audit's line.
    with open('/dev/null', 'w') as nowhere:
        subprocess.call(['/usr/bin/env', '-i', '/bin/sh', '-c', 'echo changed > ' + at.key], stderr=nowhere)
    return at.written()
