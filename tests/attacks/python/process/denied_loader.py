"""A denied program through the dynamic loader
Executes ld.so, which is not denied, with the program as its argument.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(['/lib64/ld-linux-x86-64.so.2', '/usr/bin/id'])
    at.note(text)
    return b"uid=" in text
