"""munmap of the Defender's data
Unmaps what the Defender reads its policy from.
policy: no-tampering
audit: policyHijacked
alone: yes
"""


def attack(at):
    for start, end, rights, _, path in at.mappings():
        if path.endswith('libdefender.so') and rights.startswith('r--'):
            at.syscall(11, start, 4096)
            return all(begin != start for begin, _, _, _, _ in at.mappings())
    raise OSError('the Defender is not there')
