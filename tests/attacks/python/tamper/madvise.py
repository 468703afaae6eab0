"""madvise of libc's code
Drops the patched copy of the page, so that the file's bytes come back.
policy: no-tampering
audit: policyHijacked
alone: yes
"""


def attack(at):
    page, original, offset = at.patched_page()
    at.syscall(28, page, 4096, 4)
    return at.restored(page, original)
