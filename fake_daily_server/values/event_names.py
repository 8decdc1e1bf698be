"""The names of all events that a client of a room can receive. Their fields are in `signalling/events.py`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from simulator.errors import ConfigurationError

EVENT_NAMES = (
    "joined-meeting",
    "left-meeting",
    "participant-joined",
    "participant-updated",
    "participant-left",
    "participant-counts-updated",
    "meeting-session-updated",
    "meeting-session-summary-updated",
    "meeting-session-state-updated",
    "active-speaker-change",
    "app-message",
    "error",
    "dialin-ready",
    "dialin-connected",
    "dialin-stopped",
    "dialin-warning",
    "dialin-error",
    "dialout-connected",
    "dialout-answered",
    "dialout-stopped",
    "dialout-warning",
    "dialout-error",
    "dtmf-event",
)


def check_names(given: Iterable[str], known: Sequence[str] = EVENT_NAMES) -> None:
    """Raise ConfigurationError for a name that no event has, so that no test waits for it in vain."""
    names = tuple(given)
    if not names:
        raise ConfigurationError("event", given, "the name of an event, or several")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigurationError(
                "event", name, f"a known name; the nearest is {near[0]!r}" if near else f"one of {', '.join(known)}"
            )
