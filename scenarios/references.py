"""`$name` in a text: what an earlier step saved, or a fact such as `$room.sip_uri`. `$$` is a dollar sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scenarios.values import as_text

_REFERENCE = re.compile(r"\$(?:\$|\{(?P<braced>[\w.-]+)\}|(?P<bare>[A-Za-z_][\w-]*(?:\.[\w-]+)*))")


def references(text: str) -> Iterator[str]:
    """The names after `$` in `text`."""
    for found in _REFERENCE.finditer(text):
        if name := found["braced"] or found["bare"]:
            yield name


def resolved(value: Any, look_up: Callable[[str], Any]) -> Any:
    """`value` with every `$name` replaced: by the value where the text is nothing else, by its text within a text."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole and (name := whole["braced"] or whole["bare"]):
            return look_up(name)
        return _REFERENCE.sub(lambda found: _replacement(found, look_up), value)
    if isinstance(value, Mapping):
        return {name: resolved(each, look_up) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(each, look_up) for each in value]
    return value


def _replacement(found: re.Match[str], look_up: Callable[[str], Any]) -> str:
    name = found["braced"] or found["bare"]
    return as_text(look_up(name)) if name else "$"
