"""Reading by a program
Has an allowed program print the file.
policy: denied-reads
audit: explicitlyDeniedFile
"""
import subprocess


def attack(at):
    return at.told(subprocess.check_output(['/bin/cat', at.key]))
