"""A denied program by another spelling
Writes the path with .. and doubled slashes.
policy: denied-program
audit: explicitlyDeniedProcess
"""
import subprocess


def attack(at):
    text = subprocess.check_output(['/usr//lib/../bin/./id'])
    at.note(text)
    return b"uid=" in text
