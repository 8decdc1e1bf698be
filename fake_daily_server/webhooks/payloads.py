"""What webhooks say, type by type: the `payload` of each event, and the envelope around it.

Field names and their order are those of the samples on Daily's pages
(https://docs.daily.co/reference/rest-api/webhooks/events/<type>, with a dash for the dot).
`timestamp` is typed there as an integer, and is a string of decimal digits in every sample: a string here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

UnixDigits = Annotated[str, Field(pattern=r"^[0-9]+$")]
"""Unix time in whole seconds, as text."""

UnixSeconds = float
"""Unix time in seconds, with a fraction."""


class Payload(BaseModel):
    """Base of all payloads; fields that are None are left out of the JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """The JSON object."""
        return self.model_dump(mode="json", exclude_none=True)


class Meeting(Payload):
    """meeting.started: the first participant has joined."""

    start_ts: UnixSeconds
    meeting_id: str
    """The meeting session id."""
    room: str
    """Name of the room."""


class MeetingEnded(Meeting):
    """meeting.ended: the last participant has left, and the calls are cut."""

    end_ts: UnixSeconds


class Participant(Payload):
    """participant.joined: anybody, telephony participants and hidden ones too."""

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
    """participant.left"""

    duration: float
    """Seconds in the call."""


class _OfTelephony(Payload):
    domain_id: str
    room: str
    timestamp: UnixDigits
    """When it happened."""


class DialinReady(_OfTelephony):
    """dialin.ready: one event for each endpoint of a room."""

    sip_endpoint: str
    """Dialable, such as `sip:demo.0@127.0.0.1:5060`."""


class _OfSession(_OfTelephony):
    session_id: str
    """The telephony session, and the participant."""


class Dialin(_OfSession):
    """dialin.connected and dialin.stopped, which have the same fields."""

    sip_from: str
    display_name: str
    sip_headers: dict[str, str]
    """The X- header fields of the caller's INVITE."""


class DialinTrouble(_OfSession):
    """dialin.error and dialin.warning."""

    error_msg: str


class _OfDialout(_OfSession):
    user_id: str | None = None
    """As given to the dial-out; absent when none was."""


class Dialout(_OfDialout):
    """dialout.connected, dialout.answered and dialout.stopped."""

    destination: str
    """An E.164 number or a `sip:` URI, as dialled."""
    origin: str
    """The caller's number, or the room's own SIP URI."""
    caller_id: str | None = None
    """Id of the purchased number that calls."""


class DialoutWarning(_OfDialout):
    """dialout.warning, which has no message on Daily's page."""

    destination: str
    caller_id: str | None = None


class DialoutError(_OfDialout):
    """dialout.error"""

    error_msg: str


class Transfer(_OfSession):
    """calltransfer.answered and calltransfer.completed; never of a REFER."""

    mtg_session_id: str
    to_endpoint: str
    from_endpoint: str


class TransferBegun(Transfer):
    """calltransfer.triggered and calltransfer.initiated."""

    is_sip_refer: bool


PAYLOADS: Mapping[str, type[Payload]] = MappingProxyType(
    {
        "meeting.started": Meeting,
        "meeting.ended": MeetingEnded,
        "participant.joined": Participant,
        "participant.left": ParticipantLeft,
        "dialin.ready": DialinReady,
        "dialin.connected": Dialin,
        "dialin.stopped": Dialin,
        "dialin.warning": DialinTrouble,
        "dialin.error": DialinTrouble,
        "dialout.connected": Dialout,
        "dialout.answered": Dialout,
        "dialout.stopped": Dialout,
        "dialout.warning": DialoutWarning,
        "dialout.error": DialoutError,
        "calltransfer.triggered": TransferBegun,
        "calltransfer.initiated": TransferBegun,
        "calltransfer.answered": Transfer,
        "calltransfer.completed": Transfer,
    }
)
"""Every type that happens here."""


class Envelope(BaseModel):
    """The body of every delivery; `event_ts` is when it is sent, so it differs from try to try."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["1.0.0"] = "1.0.0"
    type: str
    id: str
    """Opaque, and the same in every try: what a receiver tells duplicates by."""
    payload: dict[str, Any]
    event_ts: UnixSeconds
