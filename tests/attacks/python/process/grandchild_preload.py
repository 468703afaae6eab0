"""A grandchild with another library preloaded
Has an allowed shell preload a library of one's own into the next one.
policy: shell-only
audit: unexpectedProcess
"""
import subprocess


def attack(at):
    command = "LD_PRELOAD=/var/task/preload.so LD_AUDIT=/var/task/preload.so /bin/sh -c true"
    text = subprocess.check_output(["/bin/sh", "-c", command], stderr=subprocess.STDOUT)
    at.note(text)
    return b"uid=" in text
