"""multiprocessing, method spawn
Starts a second interpreter, which runs a function of the first.
policy: no-programs
audit: unexpectedProcess
since: 3.6
"""
import multiprocessing
import os


def attack(at):
    # Its exit code is the proof: the interpreter started and did as it was told.
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=os._exit, args=(42,))
    child.start()
    child.join(20)
    at.note(child.exitcode)
    return child.exitcode == 42
