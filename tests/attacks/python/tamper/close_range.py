"""close_range
Closes them in one call.
policy: no-tampering
audit: none
alone: yes
"""

def attack(at):
    ours = at.ours()
    for number in ours:
        at.syscall(436, number, number, 0)
    return bool(ours) and not any(at.there('/proc/self/fd/%d' % number) for number in ours)
