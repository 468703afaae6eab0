"""An x32 call
Asks for execve by its number for x32.
policy: no-tampering
audit: none
works: no, this kernel and Lambda's have no x32 calls
alone: yes
"""


def attack(at):
    return at.ran(at.captured(lambda: at.syscall(0x40000000 | 520, b'/bin/sh', at.ARGUMENTS, at.VARIABLES)))
