"""The bodies that webhooks receive: the payload models, and the envelope around a payload. `event_table` has the table.

Field names and their order are those of the samples on Daily's pages
(https://docs.daily.co/reference/rest-api/webhooks/events/<type>, with a dash for the dot).
The pages type `timestamp` as an integer, and show a string of decimal digits in every sample: it is a string here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

UnixDigits = Annotated[str, Field(pattern=r"^[0-9]+$")]
"""Unix time in whole seconds, as text."""

UnixSeconds = float
"""Unix time in seconds, with a fraction."""


class Payload(BaseModel):
    """Base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """The JSON object, without the fields that are None."""
        return self.model_dump(mode="json", exclude_none=True)


class Meeting(Payload):
    """meeting.started: the first participant has joined."""

    start_ts: UnixSeconds
    meeting_id: str
    """The meeting session id."""
    room: str
    """Name of the room."""


class MeetingEnded(Meeting):
    """meeting.ended: the last participant has left, and its calls have been hung up."""

    end_ts: UnixSeconds


class Participant(Payload):
    """participant.joined: sent for every participant, also for telephony participants and hidden ones."""

    room: str
    user_id: str
    user_name: str
    session_id: str
    joined_at: UnixSeconds
    will_eject_at: UnixSeconds | None = None
    owner: bool
    networkQualityState: Literal["good", "warning", "bad", "unknown"] = "unknown"  # noqa: N815 - Daily's name
    permissions: dict[str, Any]
    """hasPresence, canSend, canReceive, canAdmin, as clients see them."""


class ParticipantLeft(Participant):
    """participant.left: sent for every participant."""

    duration: float
    """Seconds in the call."""


class _TelephonyPayload(Payload):
    domain_id: str
    room: str
    timestamp: UnixDigits
    """When the event occurred."""


class DialinReady(_TelephonyPayload):
    """dialin.ready: one event for each endpoint of a room."""

    sip_endpoint: str
    """The SIP URI to dial, such as `sip:demo.0@127.0.0.1:5060`."""


class _SessionPayload(_TelephonyPayload):
    session_id: str
    """Id of the telephony session, which is also that of the participant."""


class Dialin(_SessionPayload):
    """dialin.connected and dialin.stopped, which have the same fields."""

    sip_from: str
    display_name: str
    sip_headers: dict[str, str]
    """The X- header fields of the caller's INVITE."""


class DialinTrouble(_SessionPayload):
    """dialin.error and dialin.warning."""

    error_msg: str


class _DialoutPayload(_SessionPayload):
    user_id: str | None = None
    """The `userId` of the dial-out request; absent when it had none."""


class Dialout(_DialoutPayload):
    """dialout.connected, dialout.answered and dialout.stopped."""

    destination: str
    """An E.164 number or a `sip:` URI, as dialled."""
    origin: str
    """The caller's number, or the room's own SIP URI."""
    caller_id: str | None = None
    """Id of the purchased number that the call comes from."""


class DialoutWarning(_DialoutPayload):
    """dialout.warning, which has no message on Daily's page."""

    destination: str
    caller_id: str | None = None


class DialoutError(_DialoutPayload):
    """dialout.error: the call failed."""

    error_msg: str


class Transfer(_SessionPayload):
    """calltransfer.answered and calltransfer.completed; not sent for a REFER."""

    mtg_session_id: str
    to_endpoint: str
    from_endpoint: str


class TransferBegun(Transfer):
    """calltransfer.triggered and calltransfer.initiated."""

    is_sip_refer: bool


class Envelope(BaseModel):
    """The body of every delivery."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["1.0.0"] = "1.0.0"
    type: str
    id: str
    """Opaque; the same in every attempt, so that receivers recognise duplicates."""
    payload: dict[str, Any]
    event_ts: UnixSeconds
    """When this attempt is sent; differs from attempt to attempt."""
