"""modify_ldt
Writes a segment descriptor, the way to 32-bit code.
policy: no-tampering
audit: policyHijacked
alone: yes
"""
import struct


def attack(at):
    at.syscall(154, 1, struct.pack('IIII', 0, 0, 0xfffff, 0x51), 16)
    return True
