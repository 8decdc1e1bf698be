"""One thing of Daily's telephony that a suite can meet, such as an event or a step of a state machine."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Section = Literal[
    "events",
    "event fields",
    "client requests",
    "error codes",
    "hang-up causes",
    "DTMF",
    "codecs",
    "REST calls",
    "webhooks",
    "webhook fields",
    "states",
    "arcs",
]
SECTIONS: tuple[Section, ...] = get_args(Section)
"""The sections of a coverage report, in their order."""


class Point(NamedTuple):
    """A thing that can be met."""

    section: Section
    name: str

    def __str__(self) -> str:
        return f"{self.section}: {self.name}"
