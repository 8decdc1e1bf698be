"""The outputs of the machines: the steps that a shell performs one after the other, in the given order."""

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
class AddParticipant:
    """Add the caller or callee to the room; the room publishes `participant-joined`."""

    session_id: str
    user_name: str
    participant_type: ParticipantType
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveParticipant:
    """Remove the caller or callee from the room; the room publishes `participant-left`."""

    session_id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the SIP call, whatever its state. It is not an error if the call is over already."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Accept the INVITE. If the worker refuses to, feed `NegotiationFailed`."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the INVITE with this SIP status and reason phrase."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class DialExtension:
    """Send `digits` after `wait_s` seconds, unless `Release` comes first."""

    wait_s: float
    digits: str


@dataclass(frozen=True, slots=True)
class StartRingTimer:
    """Feed `RingTimeout` to the machine after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StopRingTimer:
    """Cancel the ring timer."""


@dataclass(frozen=True, slots=True)
class Release:
    """Free everything that belongs to the machine: timers, tasks, its place among the active calls."""


# --- callers in no room yet ---


@dataclass(frozen=True, slots=True)
class ReportStartFailure:
    """Report to webhooks, and on the timeline, that a call has failed before it had media."""

    error: str


Sound = Literal["hold music", "greeting", "timeout message", "refusal"]


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Play a sound to the caller instead of the current one: hold music repeatedly, other sounds once."""

    sound: Sound
    text: str | None = None
    """The text to speak. Without a text, every sound except the hold music is a beep."""


@dataclass(frozen=True, slots=True)
class StopSound:
    """Stop playing to the caller."""


@dataclass(frozen=True, slots=True)
class RequestRoom:
    """Send a request to the customer's `room_creation_api`; feed `RoomCreationFailed` if it fails."""


@dataclass(frozen=True, slots=True)
class StartWaitTimer:
    """Feed `WaitTimeout` to the machine after `seconds`; restarts the wait timer if it is already running."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StopWaitTimer:
    """Cancel the wait timer."""


@dataclass(frozen=True, slots=True)
class LookUpCode:
    """Find the room with this code; feed `RoomFound` or `EntryRefused` at once."""

    code: str


@dataclass(frozen=True, slots=True)
class MoveToRoom:
    """Make the call a session of the chosen room, without changing its SIP dialog."""


# --- calls to a SIP trunk ---


@dataclass(frozen=True, slots=True)
class Ring:
    """Answer the INVITE with 180 Ringing."""


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Make a room from the template of the trunk; feed `RoomMade` or `RoomRefused` at once."""


@dataclass(frozen=True, slots=True)
class AnnounceCall:
    """Announce the call to the customer's server; feed `CallAccepted` or `NotificationFailed`."""


@dataclass(frozen=True, slots=True)
class StopAnnouncing:
    """Cancel the request to the customer's server, and repeat it no more."""


@dataclass(frozen=True, slots=True)
class DeleteRoom:
    """Delete the room of the call. It is not an error if it is gone already."""


@dataclass(frozen=True, slots=True)
class EnterRoom:
    """Make the call, which is still ringing, a session of its room; the machine of the session answers it."""


# --- transfers ---

TransferStep = Literal["triggered", "initiated", "answered", "completed"]


@dataclass(frozen=True, slots=True)
class ReportTransfer:
    """Report to webhooks that the transfer has reached this step: `calltransfer.<step>`."""

    step: TransferStep


@dataclass(frozen=True, slots=True)
class DialTarget:
    """Dial the target of the transfer."""


@dataclass(frozen=True, slots=True)
class SendRefer:
    """Send a REFER to the peer. Feed each response and NOTIFY as `ReferProgress`, or `ReferFailed` if there is none."""


@dataclass(frozen=True, slots=True)
class LeaveRoom:
    """End the call's session in its room; the SIP call continues."""


@dataclass(frozen=True, slots=True)
class BridgeCalls:
    """Connect the audio of the transferee and the target."""


@dataclass(frozen=True, slots=True)
class HangUpTransferee:
    """End the call that is being transferred. It is not an error if the call is over already."""


@dataclass(frozen=True, slots=True)
class HangUpTarget:
    """End the call to the target, whatever its state."""


@dataclass(frozen=True, slots=True)
class ReturnToRoom:
    """Move the call back into its room as a new session; hang up if the meeting has ended."""


@dataclass(frozen=True, slots=True)
class AcceptTransfer:
    """Answer the request for the transfer; the call is still in its room."""


@dataclass(frozen=True, slots=True)
class RefuseTransfer:
    """Answer the request for the transfer with an error, unless it was accepted; the call stays in its room."""

    reason: str


Output = (
    Publish
    | AddParticipant
    | RemoveParticipant
    | HangUp
    | Answer
    | Reject
    | DialExtension
    | StartRingTimer
    | StopRingTimer
    | Release
    | ReportStartFailure
    | PlaySound
    | StopSound
    | RequestRoom
    | StartWaitTimer
    | StopWaitTimer
    | LookUpCode
    | MoveToRoom
    | Ring
    | MakeRoom
    | AnnounceCall
    | StopAnnouncing
    | DeleteRoom
    | EnterRoom
    | ReportTransfer
    | DialTarget
    | SendRefer
    | LeaveRoom
    | BridgeCalls
    | HangUpTransferee
    | HangUpTarget
    | ReturnToRoom
    | AcceptTransfer
    | RefuseTransfer
)
