"""Where a row's text goes."""
import json
import urllib.parse


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def header_name(row):
    return row.get("header") or "x-header"


def decoded_pairs(text):
    for pair in as_bytes(text).split(b"&"):
        key, _, value = pair.replace(b"+", b" ").partition(b"=")
        yield urllib.parse.unquote_to_bytes(key), urllib.parse.unquote_to_bytes(value)


def form(text):
    fields = {}
    for key, value in decoded_pairs(text):
        fields.setdefault(key, []).append(value)
    return fields


def parsed_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def values(row):
    """Every decoded key and value that is not empty."""
    text, where = row["text"], row["where"]
    if where in ("query", "body"):
        return [part for pair in decoded_pairs(text) for part in pair if part]
    if where == "json":
        return [as_bytes(leaf) for leaf in leaves(parsed_json(text)) if leaf]
    return [as_bytes(text)]


def leaves(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value
