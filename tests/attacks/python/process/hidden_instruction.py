"""A library with a hidden system-call instruction
Loads a library of one's own in which the instruction is part of another one's constant, and jumps there.
policy: no-programs
stopped: no, code is read from its beginning, and an instruction within another one is not seen
"""


def attack(at):
    return at.ran(at.captured(lambda: at.native("hidden.so").hidden_execve()))
