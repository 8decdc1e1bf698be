"""The description of a timeline record: the form common to all kinds of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_LOCAL_ADDRESS = re.compile(r"(?<=.)@127\.0\.0\.1(:\d+)?$|^sip:(?=\+)")
"""Parts omitted from descriptions: the loopback host of a SIP URI, and `sip:` before a number."""


@dataclass(frozen=True, slots=True)
class RecordText:
    """The description of a timeline record."""

    category: str
    """What the record is about, in one word: `sip`, `phone`, `event`, …"""
    text: str
    """The description itself, such as `INVITE` or `desk presses 12 (sip-info)`."""
    group: object = None
    """Consecutive records with an equal `group` may share a line; those with None never do."""


Describe = Callable[[Mapping[str, Any]], RecordText | None]
"""Describes the fields of one kind of record; returns None if the live report omits the record."""


def without_local_host(address: object) -> str:
    """Remove the loopback host from a SIP URI, and `sip:` before a number."""
    return _LOCAL_ADDRESS.sub("", str(address))
