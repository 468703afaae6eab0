"""A child with LD_PRELOAD emptied
Sets LD_PRELOAD to nothing inside an allowed shell.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    try:
        text = subprocess.check_output(['/bin/sh', '-c', 'LD_PRELOAD= /bin/sh -c "LD_PRELOAD= /usr/bin/id; true"'], stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        text = error.output
    at.note(text)
    return b"uid=" in text
