"""References to variables: `$name` is a saved value or a fact such as `$room.sip_uri`; `$$` is a dollar sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scenarios.language.comparison import as_text

_REFERENCE = re.compile(r"\$(?:\$|\{(?P<braced>[\w.-]+)\}|(?P<bare>[A-Za-z_][\w-]*(?:\.[\w-]+)*))")


def references(text: str) -> Iterator[str]:
    """The names that `text` refers to, in order."""
    for found in _REFERENCE.finditer(text):
        if name := found["braced"] or found["bare"]:
            yield name


def resolve(value: Any, look_up: Callable[[str], Any]) -> Any:
    """`value` with every reference replaced, also inside lists and mappings.

    A text that is a single reference becomes the variable's value, of whatever type; a reference within a longer text
    becomes the text of that value.
    """
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole and (name := whole["braced"] or whole["bare"]):
            return look_up(name)
        return _REFERENCE.sub(lambda found: _replacement(found, look_up), value)
    if isinstance(value, Mapping):
        return {name: resolve(each, look_up) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(each, look_up) for each in value]
    return value


def _replacement(found: re.Match[str], look_up: Callable[[str], Any]) -> str:
    name = found["braced"] or found["bare"]
    return as_text(look_up(name)) if name else "$"
