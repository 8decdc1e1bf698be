"""The requests of programs under test that a scenario can expect."""

from __future__ import annotations

from typing import Literal, get_args

Verb = Literal[
    "startDialOut",
    "stopDialOut",
    "sendDTMF",
    "sipCallTransfer",
    "sipRefer",
    "updateParticipant",
    "sendAppMessage",
    "setUserName",
]
VERBS: tuple[str, ...] = get_args(Verb)
