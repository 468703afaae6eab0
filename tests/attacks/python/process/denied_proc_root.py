"""A denied program through /proc/self/root
Runs it by a path through the process's own root.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(['/proc/self/root/usr/bin/id'])
    at.note(text)
    return b"uid=" in text
