"""JSON as bytes, which is what requests and webhooks are made of. Nothing that is sent makes it trap."""

import json
import re

#: How deep JSON may be nested: the parser of the component has no stack for more than some hundreds.
DEPTH = 64
#: A string, which is stepped over as a bracket in one nests nothing, or a bracket.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)


def to_json(value) -> bytes:
    """A value as JSON in UTF-8.

    What would stand for a secret in a request is written such that it stands for itself: texts of
    customers are not to be trusted with that.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("{{", "{\\u007b").encode()


def from_json(body: bytes):
    """The value of JSON in UTF-8. Raises a `ValueError` that says what is wrong with it."""
    text = body.decode()
    depth = 0
    for token in _TOKEN.findall(text):
        depth += (token in "[{") - (token in "]}")
        if DEPTH < depth:
            raise ValueError(f"it is nested deeper than {DEPTH}")
    value = json.loads(text)
    # Half of a character can be written in JSON, and no text of the contract can hold it.
    json.dumps(value, ensure_ascii=False).encode()
    return value
