"""The X- header fields of an INVITE or of a response, which Daily's events and webhooks show."""

from __future__ import annotations

from collections.abc import Iterable


def x_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The X- header fields among `headers`, with names as received; a repeated field's values are joined by a comma."""
    found: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for name, value in headers:
        if name.lower().startswith("x-"):
            key = spelling.setdefault(name.lower(), name)
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found
