"""remap_file_pages
Rearranges the pages of a shared mapping of libc's file.
policy: no-tampering
audit: none
works: no, the kernel allows it for shared mappings only
alone: yes
"""


def attack(at):
    page, original, offset = at.patched_page()
    at.syscall(216, page, 4096, 0, offset // 4096, 0)
    return at.restored(page, original)
