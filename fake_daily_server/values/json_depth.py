"""The nesting depth of JSON texts. Deeply nested values can be parsed, but not be validated or encoded again."""

from __future__ import annotations

import re

MAX_DEPTH = 64
"""Maximum depth of objects and arrays in a request. Encoding takes about five stack frames a level, of 1000 in all."""
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}


def is_nested_too_deeply(text: str) -> bool:
    """Whether a text, which need not be valid JSON, opens more than MAX_DEPTH objects and arrays inside each other."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            return True
    return False
