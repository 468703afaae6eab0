"""The engine, by the command that a user has."""
import json
import pathlib
import tempfile

from .install import ROOT, fail, run

GAMBESON = ROOT / "target" / "release" / "gambeson"
# A row's time is the least of so many: what else the machine does only ever adds.
PASSES = 3


class Gambeson:
    name = "Gambeson"
    measured = "from the event's bytes to the findings"

    def __init__(self):
        if not GAMBESON.exists():
            fail("target/release/gambeson is missing: make bench-waas builds it")

    def judge_all(self, rows):
        passes = self.passes(rows, PASSES)
        return [(set(same[0]["classes"]), min(verdict["us"] for verdict in same)) for same in zip(*passes)]

    def passes(self, rows, number):
        with tempfile.TemporaryDirectory(prefix="gambeson-bench-") as folder:
            batch, verdicts = pathlib.Path(folder, "batch.jsonl"), pathlib.Path(folder, "verdicts.jsonl")
            with batch.open("w") as out:
                out.writelines(json.dumps(row) + "\n" for row in rows)
            passes = []
            for _ in range(number):
                run([GAMBESON, "inspect", "--batch", batch, "--verdicts", verdicts])
                passes.append([json.loads(line) for line in verdicts.read_text().splitlines()])
        if len(passes[0]) != len(rows):
            fail("gambeson gave %d verdicts for %d rows" % (len(passes[0]), len(rows)))
        return passes
