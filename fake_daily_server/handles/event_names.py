"""Checks the names of events that a test waits for, so that an unknown name fails at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from simulator.errors import ConfigurationError


def check_names(given: Iterable[str], known: Sequence[str] | None = None) -> None:
    """Raise ConfigurationError for a name that is not in `known`; the error suggests the nearest known name.

    By default, the known names are those of all events that clients can receive.
    """
    names = tuple(given)
    known = client_event_names() if known is None else known
    if not names:
        raise ConfigurationError("event", given, "at least one name of an event")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigurationError(
                "event", name, f"a known name; the nearest is {near[0]!r}" if near else f"one of {', '.join(known)}"
            )


def client_event_names() -> Sequence[str]:
    """The names of all events that clients can receive."""
    from fake_daily_server.signalling.events import EVENT_NAMES  # noqa: PLC0415  # loads pydantic, 0.1 s

    return EVENT_NAMES
