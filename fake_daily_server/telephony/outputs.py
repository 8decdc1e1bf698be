"""What a machine tells its shell to do. The shell does them in order, each before the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fake_daily_server.telephony.events import TelephonyEvent
from fake_daily_server.values.telephony_types import ParticipantType


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


# --- for callers who are in no room yet ---

Sound = Literal["hold music", "greeting", "timeout message", "refusal"]


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Play a sound to the caller, instead of what was played before: hold music for ever, others once."""

    sound: Sound
    text: str | None = None
    """What it should say."""


@dataclass(frozen=True, slots=True)
class StopSound:
    """The caller hears nothing more of it."""


@dataclass(frozen=True, slots=True)
class AskForRoom:
    """Ask the customer's server where the caller goes; a failure comes back as `RoomNotMade`."""


@dataclass(frozen=True, slots=True)
class StartHoldTimer:
    """Feed `HoldTimeout` after `within_s` seconds; again starts it anew."""

    within_s: float


@dataclass(frozen=True, slots=True)
class StopHoldTimer:
    """It is no longer needed."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find the room with this code: `RoomFound` or `NoRoom` comes back at once."""

    code: str


@dataclass(frozen=True, slots=True)
class MoveToRoom:
    """The call, as it is, becomes a session of the room that was chosen."""


# --- for transfers ---

TransferStep = Literal["triggered", "initiated", "answered", "completed"]


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell webhooks that the transfer has come so far: `calltransfer.<step>`."""

    step: TransferStep


@dataclass(frozen=True, slots=True)
class DialTarget:
    """Call the target."""


@dataclass(frozen=True, slots=True)
class SendRefer:
    """Ask the peer to call the target itself. What it says comes back as `ReferNews` or `ReferFailed`."""


@dataclass(frozen=True, slots=True)
class TakeFromRoom:
    """The session of the call in its room ends, and the call goes on without it."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Caller and target hear each other from now on."""


@dataclass(frozen=True, slots=True)
class HangUpCaller:
    """End the call that was transferred. One that is over already is no error here."""


@dataclass(frozen=True, slots=True)
class HangUpTarget:
    """End the call to the target, in whatever state it is."""


@dataclass(frozen=True, slots=True)
class ReturnCaller:
    """Back into the room that it came from, as a new session; hang up when the room does not take it."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Whoever asked is told that nothing was transferred; the call stays where it is."""

    because: str


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
    | PlaySound
    | StopSound
    | AskForRoom
    | StartHoldTimer
    | StopHoldTimer
    | LookUp
    | MoveToRoom
    | Announce
    | DialTarget
    | SendRefer
    | TakeFromRoom
    | Connect
    | HangUpCaller
    | HangUpTarget
    | ReturnCaller
    | Fail
)
