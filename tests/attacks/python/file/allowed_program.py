"""A file written by an allowed program
Has a shell, which is allowed, write.
policy: network-of-children
audit: explicitlyDeniedFile
"""
import subprocess


def attack(at):
    subprocess.call(['/bin/sh', '-c', 'echo changed > ' + at.key])
    return at.written()
