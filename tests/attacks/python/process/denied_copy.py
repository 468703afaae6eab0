"""A copy of a denied program
Copies it to /tmp under another name.
policy: denied-program
stopped: no, a deny list names programs, not what is in them: use an allow list
"""
import subprocess


def attack(at):
    text = subprocess.check_output([at.copied('/usr/bin/id', '/tmp/work/copy')])
    at.note(text)
    return b"uid=" in text
