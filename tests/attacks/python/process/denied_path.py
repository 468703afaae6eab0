"""A denied program by its path
Runs a program that the deny list names.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(['/usr/bin/id'])
    at.note(text)
    return b"uid=" in text
