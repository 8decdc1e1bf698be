"""A scenario file that repeats the calls of a test, from its timeline."""

from __future__ import annotations

from collections.abc import Collection

from fake_daily_server.recordings.story import story_of
from fake_daily_server.recordings.timeline_recording import recording_of
from simulator.errors import ConfigurationError
from simulator.timeline import Record


def story_of_timeline(records: Collection[Record], title: str) -> str | None:
    """The text of a scenario file with the calls of a test, or None if it cannot be made.

    Phones do what the far ends did, and a scripted client requests what the clients and programs requested.
    """
    recording = recording_of(records)
    if recording is None:
        return None
    comments = (
        "Made of the records of a test. Numbers and headers are replaced; a client of the story requests what the",
        "test or its program requested.",
    )
    try:
        return story_of(recording, title, comments=comments)
    except ConfigurationError:
        return None  # no event of it is about a call
