"""A file written by an allowed program
Has a shell, which is allowed, write.
policy: network-of-children
audit: explicitlyDeniedFile
"""
import subprocess


def attack(at):
    # What it complains about would stand in the log, in the middle of an audit's line.
    with open('/dev/null', 'w') as nowhere:
        subprocess.call(['/bin/sh', '-c', 'echo changed > ' + at.key], stderr=nowhere)
    return at.written()
