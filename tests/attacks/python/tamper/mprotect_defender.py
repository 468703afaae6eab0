"""mprotect of the Defender's data
Makes the Defender's constants writable.
policy: no-tampering
audit: policyHijacked
alone: yes
"""


def attack(at):
    for start, end, rights, _, path in at.mappings():
        if path.endswith('libdefender.so') and rights.startswith('r--'):
            at.syscall(10, start, 4096, 3)
            return any(begin == start and now.startswith('rw') for begin, _, now, _, _ in at.mappings())
    raise OSError('the Defender is not there')
