"""The same with an emptied environment
Empties the environment on the way to the shell.
policy: network-of-children
audit: explicitlyDeniedFile
"""
import subprocess


def attack(at):
    subprocess.call(['/usr/bin/env', '-i', '/bin/sh', '-c', 'echo changed > ' + at.key])
    return at.written()
