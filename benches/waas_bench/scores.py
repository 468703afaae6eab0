"""What verdicts come to, and the tables of it."""
import collections
import re
import statistics

from .turns import PASSES

CLASSES = ["sqli", "xss", "cmdi", "codei", "lfi"]
# One row more or less would move the mean of a smaller source too far.
MIN_ROWS_FOR_MACRO = 10


def in_headline(source):
    """Text that nothing decodes, base64, rewritten attacks and fragments of rules are read on their own."""
    return not source.endswith(("-exotic", "-b64")) and source not in ("evasion", "crs-tests")


def is_hard(source):
    """Documentation with code, a CMS's HTML, and texts that were written to look like attacks."""
    return source.endswith("-md") or source.startswith("wp-") or source in (
        "handmade", "mgm-fp", "gotestwaf", "phpids", "nemesida", "crs-tests", "libinjection-tests", "names")


class Score:
    def __init__(self, engine, rows, verdicts, leave_out):
        self.engine = engine
        self.sources = collections.defaultdict(Count)
        self.benign = collections.defaultdict(Count)
        self.evasions = collections.defaultdict(Count)
        self.us = {"benign": [], "attack": []}
        for row, verdict in zip(rows, verdicts):
            if verdict is None or row["source"] in leave_out:
                continue
            classes, us = verdict
            kind, source = row["class"], row["source"]
            self.us["benign" if kind == "benign" else "attack"].append(us)
            if kind == "benign":
                self.benign[source].add(kind, classes)
            else:
                self.sources[kind, source].add(kind, classes)
                if source == "evasion":
                    self.evasions[re.sub("^ev-", "", row.get("tag", ""))].add(kind, classes)

    def as_json(self):
        evasions = {tag: count.any / count.rows for tag, count in sorted(self.evasions.items())}
        return {
            "name": self.engine.name,
            "measured": self.engine.measured,
            "recall": {kind: self.recall(kind) for kind in CLASSES},
            "bySource": {kind: {source: {"rows": count.rows, "recall": count.any / count.rows, "own": count.own / count.rows,
                                         "headline": in_headline(source)}
                                for (of, source), count in sorted(self.sources.items()) if of == kind} for kind in CLASSES},
            "falsePositives": {label: self.false_positives(lambda source, hard=hard: is_hard(source) == hard)
                               for label, hard in [("ordinary", False), ("hard", True)]},
            "falsePositivesBySource": {source: {"rows": count.rows, "false": count.any}
                                       for source, count in sorted(self.benign.items())},
            "evasions": evasions,
            "worstEvasion": min(evasions, key=evasions.get) if evasions else None,
            "us": {label: times(list_) for label, list_ in self.us.items()},
        }

    def recall(self, kind):
        counts = [count for (of, source), count in self.sources.items() if of == kind and in_headline(source)]
        large = [count for count in counts if count.rows >= MIN_ROWS_FOR_MACRO]
        rows = sum(count.rows for count in counts)
        return {"rows": rows,
                "micro": ratio(sum(count.any for count in counts), rows),
                "macro": ratio(sum(count.any / count.rows for count in large), len(large)),
                "ownMicro": ratio(sum(count.own for count in counts), rows),
                "ownMacro": ratio(sum(count.own / count.rows for count in large), len(large))}

    def false_positives(self, chosen):
        counts = [count for source, count in self.benign.items() if chosen(source)]
        rows, false = sum(count.rows for count in counts), sum(count.any for count in counts)
        return {"rows": rows, "false": false, "rate": ratio(false, rows),
                "rateWithOther": ratio(sum(count.with_other for count in counts), rows)}


class Count:
    def __init__(self):
        self.rows = self.own = self.any = self.with_other = 0

    def add(self, kind, classes):
        self.rows += 1
        self.own += kind in classes
        self.any += not classes.isdisjoint(CLASSES)
        self.with_other += bool(classes)


def ratio(part, whole):
    return part / whole if whole else None


def times(list_):
    if not list_:
        return None
    ordered = sorted(list_)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return {"p50": at(0.5), "mean": statistics.fmean(ordered), "p99": at(0.99)}


def print_tables(result, by_source):
    print("%d labelled rows of %s, one thread; a row's time is the least of %d. Recall: the share of attacks seen as any of the"
          % (result["rows"], result["corpus"], PASSES))
    print("five classes, of all rows / as the mean over sources, without undecodable noise, base64, rewritten attacks and bits of")
    print("rules. False positives: of traffic, prose, JSON and headers / of documentation with code, CMS HTML and look-alikes.")
    print("Rows that an engine was developed on flatter it: the peers' own tests are among them, and what Gambeson was tuned with.")
    if result["leftOutSources"]:
        print("Left out: %s." % ", ".join(result["leftOutSources"]))
    print("\n| engine | %s | false positives, ordinary | hard | worst evasion | µs per benign input: p50 | mean | p99 |"
          % " | ".join(CLASSES))
    print("| --- |" + " ---: |" * (len(CLASSES) + 6))
    for engine in result["engines"]:
        recall = ["%s / %s" % (share(engine["recall"][kind]["micro"]), share(engine["recall"][kind]["macro"])) for kind in CLASSES]
        false = [percent(engine["falsePositives"][label]["rate"]) for label in ["ordinary", "hard"]]
        worst = engine["worstEvasion"]
        worst = "–" if worst is None else "%s %.2f" % (worst, engine["evasions"][worst])
        us = engine["us"]["benign"]
        us = ["%.1f" % us[key] for key in ["p50", "mean", "p99"]] if us else ["–"] * 3
        print("| %s |" % " | ".join([engine["name"]] + recall + false + [worst] + us))
    print("\nWhat is timed (on %d cores with a load of %.1f):" % (result["cores"], result["load"]))
    for engine in result["engines"]:
        print("- %s: %s" % (engine["name"], engine["measured"]))
    for name, why in result["leftOutEngines"].items():
        print("\n%s is left out: %s" % (name, why))
    if by_source:
        print_by_source(result["engines"])


def print_by_source(engines):
    lines = collections.defaultdict(lambda: ["–"] * len(engines))
    for index, engine in enumerate(engines):
        for kind in CLASSES:
            for source, count in engine["bySource"][kind].items():
                mark = "" if count["headline"] else " (not in the headline)"
                lines[kind, source + mark, count["rows"]][index] = share(count["recall"])
        for tag, rate in engine["evasions"].items():
            lines["evasion", tag, ""][index] = share(rate)
    print("\n| class | source | rows | %s |" % " | ".join(engine["name"] for engine in engines))
    print("| --- | --- | ---: |" + " ---: |" * len(engines))
    order = CLASSES + ["evasion"]
    for key in sorted(lines, key=lambda key: (order.index(key[0]), key[1])):
        print("| %s | %s |" % (" | ".join(map(str, key)), " | ".join(lines[key])))
    print("\n| benign source | rows | %s |" % " | ".join(engine["name"] for engine in engines))
    print("| --- | ---: |" + " ---: |" * len(engines))
    for source in sorted({source for engine in engines for source in engine["falsePositivesBySource"]}):
        counts = [engine["falsePositivesBySource"].get(source, {"rows": 0, "false": 0}) for engine in engines]
        print("| %s | %d | %s |" % (source, max(count["rows"] for count in counts),
                                    " | ".join("%d" % count["false"] if count["rows"] else "–" for count in counts)))


def share(value):
    return "–" if value is None else "%.3f" % value


def percent(value):
    return "–" if value is None else "%.2f %%" % (100 * value)
