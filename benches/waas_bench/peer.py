"""What all peers have in common: a verdict and a time for each row."""
import gc
import time

from .gambeson import PASSES

# An engine that would take longer sees a sample of the benign rows.
MOST_SECONDS = 180


# A verdict is (classes, µs), where classes may have "other"; None for a row that a sample leaves out.
class Peer:
    def judge_all(self, rows):
        start = time.monotonic()
        trial = rows[:: max(1, len(rows) // 400)]
        for row in trial:
            self.judge(row)
        every = int((time.monotonic() - start) / len(trial) * len(rows) / MOST_SECONDS) + 1
        chosen = [row["class"] != "benign" for row in rows]
        for index in [index for index, attack in enumerate(chosen) if not attack][::every]:
            chosen[index] = True
        if every > 1:
            self.measured += "; 1 of %d benign rows" % every
        passes, start = [], time.monotonic()
        gc.disable()
        while len(passes) < PASSES and (time.monotonic() - start) * (1 + 1 / max(1, len(passes))) <= MOST_SECONDS:
            passes.append([self.judge(row) if wanted else None for row, wanted in zip(rows, chosen)])
        gc.enable()
        if len(passes) < PASSES:
            self.measured += "; the least of %d" % len(passes)
        return [same[0] and (same[0][0], min(us for _, us in same)) for same in zip(*passes)]
