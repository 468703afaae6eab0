"""A denied program by a symbolic link
Runs it through a link with another name.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import os
import subprocess


def attack(at):
    os.symlink("/usr/bin/id", "/tmp/work/harmless")
    text = subprocess.check_output(['/tmp/work/harmless'])
    at.note(text)
    return b"uid=" in text
