"""Converts arguments as daily-python does: JSON values are copied at the call of a verb, strings are checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from .classes import check_instance


def json_copy(value: Any) -> Any:
    """Copy a JSON value, so that later changes by the caller have no effect.

    Tuples and sets become lists, NaN becomes None. Raises the same errors as daily-python: TypeError for a value that
    is not JSON, Exception for bytes and for integers of more than 64 bits.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {_key(key): json_copy(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        raise Exception("invalid type: byte array, expected any valid JSON value")  # noqa: TRY002, TRY004 - as daily-python
    if isinstance(value, Sequence | Set):
        return [json_copy(item) for item in value]
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
        return string(key)
    except TypeError as error:
        raise TypeError(f"unexpected type: {error}") from None


def string(value: Any) -> str:
    """Return `value` if it is a string. Raises TypeError otherwise."""
    check_instance(value, str)
    return str(value)


def optional_string(value: Any) -> str | None:
    """Return `value` if it is a string or None. Raises TypeError otherwise."""
    return None if value is None else string(value)
