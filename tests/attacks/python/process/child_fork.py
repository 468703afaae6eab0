"""A child that forks before it starts anything
Has an allowed shell go to the background twice.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    try:
        text = subprocess.check_output(['/bin/sh', '-c', '( ( /usr/bin/id ) & wait ) & wait; true'], stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        text = error.output
    at.note(text)
    return b"uid=" in text
