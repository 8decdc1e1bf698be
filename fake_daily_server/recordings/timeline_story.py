"""The calls of a timeline as something that repeats them: a scenario file, or a test for pytest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from fake_daily_server.recordings.story import build_story
from fake_daily_server.recordings.story_python import story_python
from fake_daily_server.recordings.story_text import shortened, story_text
from fake_daily_server.recordings.timeline_recording import obstacle, recording_of
from simulator.errors import ConfigurationError
from simulator.timeline import Record

Form = Literal["scenario", "pytest"]
_MADE = (
    "Made of the records of a test. Numbers and headers are replaced; a client of the story requests what the",
    "test or its program requested.",
)


def story_of_timeline(records: Collection[Record], title: str) -> str | None:
    """The text of a scenario file with the calls of a test, or None if it cannot be made.

    Phones do what the far ends did, and a scripted client requests what the clients and programs requested.
    """
    try:
        return timeline_story(records, title)
    except ConfigurationError:
        return None


def timeline_story(
    records: Collection[Record], title: str, form: Form = "scenario", *, comments: Sequence[str] = ()
) -> str:
    """The calls of a timeline in either form. Raises ConfigurationError, which says why, if they cannot be repeated."""
    recording = recording_of(records)
    if recording is None:
        raise ConfigurationError("calls", str(obstacle(records)), "dial-ins, dial-outs and transfers to phones")
    story = build_story(recording, title)
    write = story_text if form == "scenario" else story_python
    return write(story, shortened(title), (*_MADE, *comments))
