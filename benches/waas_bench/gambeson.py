"""The engine, by the command that a user has."""
import json
import pathlib
import tempfile

from .install import ROOT, fail, run

GAMBESON = ROOT / "target" / "release" / "gambeson"


class Gambeson:
    name = "Gambeson"
    measured = "from the event's bytes to the findings"

    def __init__(self):
        if not GAMBESON.exists():
            fail("target/release/gambeson is missing: make bench-waas builds it")

    def judge_all(self, rows):
        with tempfile.TemporaryDirectory(prefix="gambeson-bench-") as folder:
            batch, verdicts = pathlib.Path(folder, "batch.jsonl"), pathlib.Path(folder, "verdicts.jsonl")
            with batch.open("w") as out:
                out.writelines(json.dumps(row) + "\n" for row in rows)
            run([GAMBESON, "inspect", "--batch", batch, "--verdicts", verdicts])
            found = [json.loads(line) for line in verdicts.read_text().splitlines()]
        if len(found) != len(rows):
            fail("gambeson gave %d verdicts for %d rows" % (len(found), len(rows)))
        return [(set(verdict["classes"]), verdict["us"]) for verdict in found]
