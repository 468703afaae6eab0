"""process_vm_writev
Writes into one's own memory by the call for other processes.
policy: no-tampering
audit: policyHijacked
works: no, Lambda's sandbox refuses it
alone: yes
"""
import ctypes
import os
import struct


def attack(at):
    page, original, offset = at.patched_page()
    content = ctypes.create_string_buffer(original, 4096)
    here = struct.pack('PL', ctypes.addressof(content), 4096)
    there = struct.pack('PL', page, 4096)
    at.syscall(311, os.getpid(), here, 1, there, 1, 0)
    return at.restored(page, original)
