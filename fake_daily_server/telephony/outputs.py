"""What a machine tells its shell to do. The shell does them in order, each before the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fake_daily_server.telephony.events import TelephonyEvent

ParticipantType = Literal["sip-dial-in", "sip-dial-out", "pstn-dial-in", "pstn-dial-out"]


@dataclass(frozen=True, slots=True)
class Publish:
    """Send the event to every client of the room."""

    event: TelephonyEvent


@dataclass(frozen=True, slots=True)
class JoinParticipant:
    """Put the caller or the callee into the room; the room publishes `participant-joined`."""

    session_id: str
    user_name: str
    participant_type: ParticipantType
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class LeaveParticipant:
    """Take it out of the room; the room publishes `participant-left`."""

    session_id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the SIP call in whatever state it is. A call that is over already is no error here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Accept the INVITE with the room's codecs. A refusal by the worker comes back as `NegotiationFailed`."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the INVITE."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class DialExtension:
    """After `wait_s` seconds send `digits`; forget it when `Release` comes first."""

    wait_s: float
    digits: str


@dataclass(frozen=True, slots=True)
class StartRingTimer:
    """Feed `RingTimeout` after `within_s` seconds."""

    within_s: float


@dataclass(frozen=True, slots=True)
class StopRingTimer:
    """It is no longer needed."""


@dataclass(frozen=True, slots=True)
class Release:
    """The session is over and wants nothing more: drop timers, tasks, and the session itself."""


Output = (
    Publish
    | JoinParticipant
    | LeaveParticipant
    | HangUp
    | Answer
    | Reject
    | DialExtension
    | StartRingTimer
    | StopRingTimer
    | Release
)
