"""The names of events that a client has received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def actions(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of events."""
    return [event["action"] for event in events]
