"""Random inputs on which the engine and libinjection differ, for a developer to judge."""
import collections
import functools
import json
import re

from .gambeson import Gambeson
from .grammar import sentence
from .install import ROOT, LeftOut, fail, note
from .libinjection import Libinjection
from .rows import as_bytes


# Attacks and look-alikes of our own, to start from.
SEEDS = [
    "1' or 1=1 -- ", "x' and sleep(3)#", "0 union all select name, pass from staff", "a'; drop table orders; --",
    "-1' order by 7-- -", "') or ('a'='a", "1 and (select count(*) from sysobjects) > 0", "admin'/*", "\" or \"\"=\"",
    "1;waitfor delay '0:0:4'--", "1 procedure analyse(1)", "' || (select version()) || '", "case when 1=1 then 2 else 3 end",
    "if(1=1,benchmark(9,md5(1)),0)", "x' like '%a%", "1 div 0", "@@version", "0x31 or true", "extractvalue(1,concat(0x7e,user()))",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=prompt(1)>", "<a href=javascript:alert(1)>x</a>",
    "' onfocus=alert(1) autofocus x='", "<iframe srcdoc='<b>x</b>'>", "<style>@import 'x.css'</style>", "<!--[if IE]>x<![endif]-->",
    "<math><mi xlink:href=data:x>", "<object data=x.swf>", "<b style=color:expression(1)>", "<details open ontoggle=f()>",
    "O'Neil & sons", "select a seat, or 2", "from 1 to 10 -- or more", "drop us a line; thanks", "it's 5 o'clock, isn't it?",
    "a < b and c > d", "<3 you", "x = y || z", "see table 4 (or 5) # note", "50% off; union members only", "<p>Hello <b>you</b></p>",
    "1-2-3", "C:\\temp\\new", "{\"a\": [1, 2]}", "if (x == 1) { return 'y'; }", "user@example.com", "https://example.com/?a=1&b=2#c",
]
PIECES = ["'", "\"", "`", ";", "--", "#", "/*", "*/", "/*!", "(", ")", ",", "=", "<", ">", "<>", "!=", "||", "&&", " or ", " and ", " not ",
          " xor ", " in ", " is null ", " like ", " union ", " select ", " from ", " where ", " having ", " into ", " limit ", "@", "@@",
          "0x1f", "1e3", ".5", "null", "true", "char(65)", "<", "</", "/>", "<!", "<?", "on", "onload=", "src=", "href=", "style=",
          "javascript:", "data:", "\t", "\n", "\x0b", "\xa0", "\0", "\\", "%", "&", "~", "^", "-", "+", "{", "}", "[", "]"]
FIXTURES = ROOT / "tests" / "fixtures" / "waas.jsonl"
BATCH = 20000
MOST_BATCHES = 10


def disagreements(wanted, chance):
    """Inputs that only one of the two sees, of each kind in turn, each made as short as it can be."""
    judge = both()
    kept = {kind: {} for kind in [("libinjection", "sqli"), ("libinjection", "xss"), ("Gambeson", "sqli"), ("Gambeson", "xss")]}
    share_of_kind = -(-wanted // len(kept))
    for number in range(MOST_BATCHES):
        note("random inputs: %d of at most %d thousand" % ((number + 1) * BATCH // 1000, MOST_BATCHES * BATCH // 1000))
        texts = [random_input(chance) for _ in range(BATCH)]
        # The same few forms come up again and again: of each, the first.
        fresh = {}
        for text, (kind, form_) in zip(texts, judge(texts)):
            if kind and form_ not in kept[kind]:
                fresh.setdefault((kind, form_), text)
        picked, count = [], collections.Counter()
        for (kind, form_), text in fresh.items():
            count[kind] += 1
            if count[kind] <= 4 * share_of_kind:
                picked.append((kind, text))
        short = shortened(picked, judge)
        for (kind, text), shortest, (_, form_) in zip(picked, short, judge(short)):
            kept[kind].setdefault(form_, (shortest, text))
        if all(len(forms) >= share_of_kind for forms in kept.values()):
            break
    turns = [(turn, {"seenBy": who, "class": class_, "form": form_, "shortest": shortest, "input": text})
             for (who, class_), forms in kept.items() for turn, (form_, (shortest, text)) in enumerate(forms.items())]
    result = [entry for _, entry in sorted(turns, key=lambda pair: pair[0])[:wanted]]
    return sorted(result, key=lambda entry: (entry["seenBy"], entry["class"]))


def kinds(thousands, chance):
    """How many of so many random inputs each alone sees, by kind: libinjection's fingerprint, or our outline."""
    judge, count, example = both(), collections.Counter(), {}
    rows = collections.Counter()
    for number in range(0, thousands * 1000, BATCH):
        note("random inputs: %d of %d thousand" % (number // 1000, thousands))
        texts = [random_input(chance) for _ in range(min(BATCH, thousands * 1000 - number))]
        for text, (kind, form_) in zip(texts, judge(texts)):
            rows[kind] += 1
            if kind:
                count[kind, form_] += 1
                example[kind, form_] = min(example.get((kind, form_), text), text, key=len)
    return {"inputs": thousands * 1000, "agree": rows.pop(None),
            "kinds": [{"seenBy": kind[0], "class": kind[1], "form": form_, "count": number, "example": example[kind, form_]}
                      for (kind, form_), number in count.most_common()]}


def print_kinds(found, as_json, most=40):
    if as_json:
        print(json.dumps(found))
        return
    print("%d random inputs; the two agree on %d." % (found["inputs"], found["agree"]))
    for who, class_ in [("libinjection", "sqli"), ("Gambeson", "sqli"), ("libinjection", "xss"), ("Gambeson", "xss")]:
        own = [kind for kind in found["kinds"] if (kind["seenBy"], kind["class"]) == (who, class_)]
        print("\nSeen by %s alone, %s: %d inputs of %d kinds\n" % (who, class_, sum(kind["count"] for kind in own), len(own)))
        print("| kind | inputs | shortest |")
        print("| --- | ---: | --- |")
        for kind in own[:most]:
            print("| %s | %d | %s |" % (quoted(kind["form"]).replace("|", "\\|"), kind["count"], quoted(kind["example"]).replace("|", "\\|")))


def both():
    try:
        gambeson, libinjection = Gambeson(), Libinjection()
    except LeftOut as why:
        fail("libinjection cannot be had: %s" % why)

    def judge(texts):
        """For each text who alone sees what, and a name for the form that it has; (None, "") where they agree."""
        rows = [{"text": text, "class": "benign", "source": "random", "where": "raw"} for text in texts]
        answers = []
        for text, (own, _) in zip(texts, gambeson.judge_all(rows) if rows else []):
            its, _, fingerprint = libinjection.look([as_bytes(text)])
            # Whoever stops it under another name has seen it, too.
            kind = None
            if its and not own:
                kind = ("libinjection", min(its))
            elif own & {"sqli", "xss"} and not its:
                kind = ("Gambeson", min(own & {"sqli", "xss"}))
            form_ = ""
            if kind:
                form_ = fingerprint if kind == ("libinjection", "sqli") else outline(text, kind[1])
            answers.append((kind, form_))
        return answers

    return judge


def outline(text, class_):
    """The same for texts that differ in little."""
    if class_ == "xss":
        return max(re.findall(r"[a-z]+|$", text.lower()), key=len)
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d]\w*", "w", re.sub(r"\d+", "1", text)))[:40]


def random_input(chance):
    """By the grammar, as it is or changed; or a text of our own, changed."""
    which = chance.randrange(6)
    if which < 3:
        return sentence(chance, "attack" if which < 2 else "lookalike")
    return changed(chance.choice(SEEDS) if which == 3 else chance.choice(fixtures()) if which == 4 else sentence(chance, "attack"), chance)


@functools.cache
def fixtures():
    """Attacks and look-alikes of the two classes that libinjection knows."""
    with FIXTURES.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows if row["class"] in ("sqli", "xss", "benign") and row["where"] == "raw" and len(row["text"]) < 200]


def changed(text, chance):
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(text))
        end = min(len(text), at + chance.randint(1, 6))
        what = chance.randrange(7)
        if what < 2:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif what == 2:
            text = text[:at] + text[end:]
        elif what == 3:
            other = chance.choice(SEEDS)
            text = text[:at] + other[chance.randint(0, len(other)):]
        elif what == 4:
            text = text[:at] + text[at:end].swapcase() + text[end:]
        elif what == 5:
            text = text[:end] + text[at:]
        else:
            text = text.replace(" ", chance.choice(["/**/", "\t", "\n", "+", "(", "  "]), chance.randint(1, 3))
    return text


def shortened(picked, judge):
    """Each text with everything left out that its kind does not need."""
    texts = [text for _, text in picked]
    open_ = set(range(len(texts)))
    while open_:
        tries = [(index, texts[index][:at] + texts[index][at + length:])
                 for index in sorted(open_) for length in [16, 8, 4, 2, 1] for at in range(len(texts[index]) - length + 1)]
        better = {}
        for (index, text), (kind, _) in zip(tries, judge([text for _, text in tries])):
            if kind == picked[index][0] and len(text) < len(better.get(index, texts[index])):
                better[index] = text
        for index, text in better.items():
            texts[index] = text
        open_ = set(better)
    return texts


def print_disagreements(found, as_json):
    if as_json:
        print(json.dumps(found))
        return
    if not found:
        print("libinjection and Gambeson agree on all of them")
        return
    print("| seen by | class | shortest form | libinjection's fingerprint | found as |")
    print("| --- | --- | --- | --- | --- |")
    for entry in found:
        fingerprint = entry["form"] if (entry["seenBy"], entry["class"]) == ("libinjection", "sqli") else ""
        print("| %s | %s |" % (entry["seenBy"], " | ".join(
            cell.replace("|", "\\|") for cell in [entry["class"], quoted(entry["shortest"]), fingerprint, quoted(entry["input"])])))


def quoted(text):
    return "`%s`" % json.dumps(text)[1:-1].replace('\\"', '"').replace("`", "'")
