"""A child with a forged TW_POLICY
Gives the child a policy of the attacker's.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    try:
        text = subprocess.check_output(['/bin/sh', '-c', 'export TW_POLICY=AAAA; /bin/sh -c "/usr/bin/id; true"'], stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        text = error.output
    at.note(text)
    return b"uid=" in text
