"""A timeline record in words: the form that all kinds of records share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_LOCAL_ADDRESS = re.compile(r"(?<=.)@127\.0\.0\.1(:\d+)?$|^sip:(?=\+)")
"""The loopback host of a SIP URI, and the scheme before a number: the same in every address, so not worth showing."""


@dataclass(frozen=True, slots=True)
class RecordText:
    """A timeline record in words."""

    category: str
    """What the record is about, in one word: `sip`, `phone`, `event`, …"""
    text: str
    """What happened."""
    group: object = None
    """Consecutive records of the same group may be shown on one line; None is never grouped."""


Describe = Callable[[Mapping[str, Any]], RecordText | None]
"""Puts the fields of one kind of record into words; None for a record that is not worth showing."""


def without_local_host(address: object) -> str:
    """A SIP URI without the loopback host; a number without `sip:`."""
    return _LOCAL_ADDRESS.sub("", str(address))
