"""A child with an emptied environment
Has allowed programs empty the environment before they go on.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    try:
        text = subprocess.check_output(['/usr/bin/env', '-i', '/bin/sh', '-c', 'unset LD_PRELOAD TW_POLICY; /usr/bin/id; true'], stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        text = error.output
    at.note(text)
    return b"uid=" in text
