"""mprotect of the Defender's stubs
Makes the code that patched calls jump to writable.
policy: no-tampering
audit: policyHijacked
alone: yes
"""


def attack(at):
    for start, end, rights, _, path in at.mappings():
        if not path and rights.startswith("r-x"):
            at.syscall(10, start, 4096, 7)
            return any(begin == start and now.startswith("rwx") for begin, _, now, _, _ in at.mappings())
    raise OSError("no stubs")
