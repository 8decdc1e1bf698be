"""Arguments as daily-python takes them: JSON is copied when a verb is called, and strings are strings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from .classes import instance


def plain(value: Any) -> Any:
    """A copy of a value as JSON has it: what the caller changes later has no effect.

    Tuples and sets become lists, NaN becomes None. Raises what daily-python raises: TypeError for what is no JSON,
    Exception for bytes and for integers of more than 64 bits.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        raise Exception("invalid type: byte array, expected any valid JSON value")  # noqa: TRY002, TRY004 - as daily-python
    if isinstance(value, Sequence | Set):
        return [plain(item) for item in value]
    return _number(value)


def _number(value: Any) -> int | float | None:
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise Exception("JSON number out of range")  # noqa: TRY002 - as daily-python
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    raise TypeError("unsupported type object")


def _key(key: Any) -> str:
    try:
        return text(key)
    except TypeError as wrong:
        raise TypeError(f"unexpected type: {wrong}") from None


def text(value: Any) -> str:
    """A string that must be one. Raises TypeError."""
    instance(value, str)
    return str(value)


def optional_text(value: Any) -> str | None:
    """A string or None. Raises TypeError."""
    return None if value is None else text(value)
