"""A child of an allowed program
Has an allowed shell start a program that is not allowed.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    try:
        text = subprocess.check_output(['/bin/sh', '-c', 'id; true'], stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        text = error.output
    at.note(text)
    return b"uid=" in text
