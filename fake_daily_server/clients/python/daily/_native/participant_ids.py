"""Checks participant ids, which are UUIDs; the errors are those of Rust's `uuid` crate, as in daily-python."""

from __future__ import annotations

import string
import uuid

_GROUPS = (8, 4, 4, 4, 12)


def uuid_error(participant_id: str) -> str | None:
    """Return daily-python's error text for an invalid participant id; None for a valid one."""
    try:
        uuid.UUID(participant_id)
    except ValueError:
        return f"Error({_parse_error(participant_id)})"
    return None


def _parse_error(text: str) -> str:
    for index, character in enumerate(text):
        if character not in string.hexdigits + "-":
            return f"ParseChar {{ character: '{character}', index: {index} }}"
    groups = text.split("-")
    if len(groups) == 1:
        return f"ParseLength {{ len: {len(text)} }}"
    if len(groups) != len(_GROUPS):
        return f"ParseGroupCount {{ count: {len(groups)} }}"
    begin = 1
    for group, (found, length) in enumerate(zip(groups, _GROUPS, strict=True)):
        if len(found) != length:
            return f"ParseGroupLength {{ group: {group}, len: {len(found)}, index: {begin} }}"
        begin += length + 1
    return f"ParseLength {{ len: {len(text)} }}"
