"""The engines take turns at the rows."""
import collections
import time

from .install import note

# A row's time is the least of so many: what else the machine does only ever adds.
PASSES = 3
# An engine that would take longer sees a sample of the benign rows, or fewer passes.
MOST_SECONDS = 180


def take_turns(engines, rows):
    """Each engine's passes over the rows. They take turns, so that a machine that is slow for a while slows all of them."""
    passes, seconds = collections.defaultdict(list), collections.defaultdict(float)
    for number in range(PASSES):
        for engine in engines:
            if number and seconds[engine] * (1 + 1 / number) > MOST_SECONDS:
                continue
            note("pass %d of %d: %s" % (number + 1, PASSES, engine.name))
            start = time.monotonic()
            passes[engine].append(engine.judge_all(rows))
            seconds[engine] += time.monotonic() - start
    for engine in engines:
        if len(passes[engine]) < PASSES:
            engine.measured += "; the least of %d" % len(passes[engine])
    return passes


def least(passes):
    return [same[0] and (same[0][0], min(us for _, us in same)) for same in zip(*passes)]
