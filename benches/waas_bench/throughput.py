"""How fast the engine reads bodies of 100 KB in which nothing is suspicious, in several shapes."""
import json

from .gambeson import Gambeson

BYTES = 103_000
PASSES = 200

# What the n-th item of a list is; `mixed` is what an ordinary API takes.
SHAPES = {
    "mixed": lambda n: {"id": n, "name": "Customer number %d" % n, "email": "user%d@example.com" % n, "active": True,
                        "created": "2026-11-%02dT10:%02d:00Z" % (n % 30 + 1, n % 60), "tags": ["alpha", "beta", "gamma"],
                        "note": "Please leave the parcel with the neighbours, thank you very much",
                        "address": {"street": "High Street %d" % (n % 90), "city": "London", "zip": "NW1 %d" % (n % 10)}},
    "short fields": lambda n: {"a": "x%d" % (n % 7), "b": "yes", "c": str(n % 100), "d": "GB"},
    "long strings": lambda n: {"text": ("The quick brown fox jumps over the lazy dog number %d, and then it goes home. " % n) * 30},
    "numbers": lambda n: {"x": n + 0.25, "y": -3 * n, "z": [1, 2, 3.5e3, n]},
    "nested": lambda n: {"a": {"b": {"c": {"d": {"e": ["v%d" % (n % 9), [["w"]]]}}}}},
    "other alphabets": lambda n: {"name": "Zoë Müller %d" % n, "city": "Köln", "text": "こんにちは世界"},
}
# As writers do that keep to ASCII, and as people read it.
WRITERS = {"": {"ensure_ascii": False, "separators": (",", ":")}, ", escaped": {"separators": (",", ":")},
           ", indented": {"ensure_ascii": False, "indent": 2}}


def bodies():
    for shape, writer in [(shape, "") for shape in SHAPES] + [("other alphabets", ", escaped"), ("mixed", ", indented")]:
        items = []
        while len(items) % 10 or len(json.dumps(items, **WRITERS[writer]).encode()) < BYTES:
            items.append(SHAPES[shape](len(items)))
        yield shape + writer, json.dumps({"items": items}, **WRITERS[writer])


def throughput():
    """For each shape the bytes, and the least µs as an event of its own and as the body of an HTTP API event."""
    named = list(bodies())
    rows = [{"text": text, "class": "benign", "source": shape, "where": where}
            for shape, text in named for where in ["event", "json"] for _ in range(PASSES)]
    verdicts = Gambeson().judge_all(rows)
    least = {}
    for row, (classes, us) in zip(rows, verdicts):
        assert not classes, "%s is suspicious" % row["source"]
        key = row["source"], row["where"]
        least[key] = min(us, least.get(key, us))
    return [{"shape": shape, "bytes": len(text.encode()), "eventUs": least[shape, "event"], "bodyUs": least[shape, "json"]}
            for shape, text in named]


def print_throughput(found):
    print("\nOrdinary JSON, the least of %d; as a body it stands in a string of the event:" % PASSES)
    print("\n| shape | KB | as an event, ms | MB/s | as a body, ms | MB/s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for row in found:
        cells = ["%.0f" % (row["bytes"] / 1000)]
        for us in row["eventUs"], row["bodyUs"]:
            cells += ["%.2f" % (us / 1000), "%.0f" % (row["bytes"] / us)]
        print("| %s | %s |" % (row["shape"], " | ".join(cells)))
