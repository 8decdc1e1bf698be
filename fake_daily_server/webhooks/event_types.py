"""The event types that a webhook can subscribe to (https://docs.daily.co/reference/rest-api/webhooks/events)."""

from __future__ import annotations

from typing import Literal, get_args

EventType = Literal[
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
    "waiting-participant.joined",
    "waiting-participant.left",
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
    "transcript.started",
    "transcript.ready-to-download",
    "transcript.error",
    "streaming.started",
    "streaming.updated",
    "streaming.ended",
    "streaming.error",
    "batch-processor.job-finished",
    "batch-processor.error",
    "dialout.connected",
    "dialout.answered",
    "dialout.stopped",
    "dialout.warning",
    "dialout.error",
    "dialin.ready",
    "dialin.connected",
    "dialin.stopped",
    "dialin.warning",
    "dialin.error",
    "calltransfer.triggered",
    "calltransfer.initiated",
    "calltransfer.answered",
    "calltransfer.completed",
]

EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
"""All event types, in the order of Daily's page.

`event_table` lists those that the fake sends. The others (recordings, streams, transcripts, batch jobs and more) can be
subscribed to, but never occur.
"""


def event_type(name: str) -> EventType:
    """Return `name` as an event type. Raises ValueError if Daily has no event of that name."""
    for known in EVENT_TYPES:
        if known == name:
            return known
    raise ValueError(f"{name!r} is not a webhook event type; EVENT_TYPES lists all of them")
