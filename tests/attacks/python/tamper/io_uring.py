"""io_uring
Sets up a ring through which calls pass without a system-call instruction each.
policy: no-tampering
audit: policyHijacked
alone: yes
"""


def attack(at):
    return at.syscall(425, 8, b'\0' * 120) > 0
