"""The bodies that webhooks receive: the models of payloads, and the envelope around a payload.

`event_table` maps event types to payloads. Field names and their order are those of the samples on Daily's pages
(https://docs.daily.co/reference/rest-api/webhooks/events/<type>, with a dash for the dot). The pages declare
`timestamp` as an integer but show a string of decimal digits in every sample: it is a string here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

UnixDigits = Annotated[str, Field(pattern=r"^[0-9]+$")]
"""Unix time in whole seconds, as a string of decimal digits."""

UnixSeconds = float
"""Unix time in seconds, with a fraction."""


class Payload(BaseModel):
    """The base class of all payloads."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """The payload as JSON, without the fields that are None."""
        return self.model_dump(mode="json", exclude_none=True)


class Meeting(Payload):
    """meeting.started: the first participant has joined."""

    start_ts: UnixSeconds
    meeting_id: str
    """The meeting session id."""
    room: str
    """Name of the room."""


class MeetingEnded(Meeting):
    """meeting.ended: the last participant has left, and the calls of the meeting have been hung up."""

    end_ts: UnixSeconds


class Participant(Payload):
    """participant.joined: sent for every participant, including calls and hidden participants."""

    room: str
    user_id: str
    user_name: str
    session_id: str
    joined_at: UnixSeconds
    will_eject_at: UnixSeconds | None = None
    owner: bool
    networkQualityState: Literal["good", "warning", "bad", "unknown"] = "unknown"  # noqa: N815 - Daily's name
    permissions: dict[str, Any]
    """`hasPresence`, `canSend`, `canReceive` and `canAdmin`, as in the participant object."""


class ParticipantLeft(Participant):
    """participant.left: sent for every participant, including calls and hidden participants."""

    duration: float
    """Seconds from the participant's join to its leave."""


class _TelephonyPayload(Payload):
    domain_id: str
    room: str
    timestamp: UnixDigits
    """When the event occurred, in unix seconds."""


class DialinReady(_TelephonyPayload):
    """dialin.ready: one event for each endpoint of a room."""

    sip_endpoint: str
    """The SIP URI to dial, such as `sip:demo.0@127.0.0.1:5060`."""


class _SessionPayload(_TelephonyPayload):
    session_id: str
    """Id of the telephony session, and session id of its participant."""


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
    """The `userId` of the dial-out request; absent if the request had none."""


class Dialout(_DialoutPayload):
    """dialout.connected, dialout.answered and dialout.stopped."""

    destination: str
    """The E.164 number or `sip:` URI that was dialled."""
    origin: str
    """The caller's number, or the room's own SIP URI."""
    caller_id: str | None = None
    """Id of the purchased number from which the call is made."""


class DialoutWarning(_DialoutPayload):
    """dialout.warning. As on Daily's page, it has no message."""

    destination: str
    caller_id: str | None = None


class DialoutError(_DialoutPayload):
    """dialout.error: the call failed."""

    error_msg: str


class Transfer(_SessionPayload):
    """calltransfer.answered and calltransfer.completed. They are not sent for a REFER."""

    mtg_session_id: str
    to_endpoint: str
    from_endpoint: str


class TransferBegun(Transfer):
    """calltransfer.triggered and calltransfer.initiated."""

    is_sip_refer: bool


class Envelope(BaseModel):
    """The body of every request that delivers an event."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    version: Literal["1.0.0"] = "1.0.0"
    type: str
    id: str
    """Opaque. It is the same in every attempt, so that receivers recognise duplicates."""
    payload: dict[str, Any]
    event_ts: UnixSeconds
    """When this attempt is sent; it differs from attempt to attempt."""
