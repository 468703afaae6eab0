"""A library with int 0x80
Loads a library with the 32-bit system-call instruction.
policy: no-tampering
audit: policyHijacked
alone: yes
"""

def attack(at):
    # Whether it is there to be called: the sandbox's filter ends whoever does.
    at.native('interrupt.so')
    return any(path.endswith('interrupt.so') and 'x' in rights for _, _, rights, _, path in at.mappings())
