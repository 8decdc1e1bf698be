"""References to variables: `$name` is a saved value or a fact such as `$room.sip_uri`; `$$` is a literal `$`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simulator.differences import as_text

_REFERENCE = re.compile(r"\$(?:\$|\{(?P<braced>[\w.-]+)\}|(?P<bare>[A-Za-z_][\w-]*(?:\.[\w-]+)*))")


def references(text: str) -> Iterator[str]:
    """The names of the variables referenced in `text`, in order."""
    for found in _REFERENCE.finditer(text):
        if name := found["braced"] or found["bare"]:
            yield name


def resolve(value: Any, look_up: Callable[[str], Any]) -> Any:
    """Return `value` with all references replaced, including those in lists, and in keys and values of mappings.

    A text that consists of one reference becomes the variable's value, whatever its type; within a longer text, the
    value is inserted as text.
    """
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole and (name := whole["braced"] or whole["bare"]):
            return look_up(name)
        return _REFERENCE.sub(lambda found: _replacement(found, look_up), value)
    if isinstance(value, Mapping):
        return {as_text(resolve(name, look_up)): resolve(each, look_up) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(each, look_up) for each in value]
    return value


def _replacement(found: re.Match[str], look_up: Callable[[str], Any]) -> str:
    name = found["braced"] or found["bare"]
    return as_text(look_up(name)) if name else "$"
