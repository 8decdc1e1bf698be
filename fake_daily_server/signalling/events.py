"""Every event that a client receives, as it is delivered: with the `callClientId` of the receiving client.

The fields of telephony events are those of `telephony.events`; the others are said here. A field that may be absent
is never null. What daily-js calls a Date is text in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool, TypeAdapter
from pydantic.alias_generators import to_camel

from fake_daily_server.telephony import events as telephony
from fake_daily_server.values.participants import AdminKind, CanReceive, EjectionType, SendKind
from fake_daily_server.values.telephony_types import ParticipantType


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, alias_generator=to_camel)


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# --- participants --------------------------------------------------------------------------------------------


class ShownPermissions(_Sent):
    """What a participant may do now; all four are always said."""

    has_presence: StrictBool
    can_send: StrictBool | tuple[SendKind, ...]
    can_receive: CanReceive
    can_admin: StrictBool | tuple[AdminKind, ...]


class TrackOff(_Sent):
    """Why a track is off."""

    by_user: Literal[True] | None = None
    by_remote_request: Literal[True] | None = None
    by_can_send_permission: Literal[True] | None = None


class Track(_Sent):
    """One kind of media of a participant; a custom track has a `kind`, and an `id` that its sound carries."""

    subscribed: StrictBool
    state: Literal["playable", "off"]
    off: TrackOff | None = None
    kind: Literal["audio"] | None = None
    id: str | None = None


class Tracks(_Sent):
    """The media of a participant; audio is on for calls, and for clients that send sound.

    Custom audio tracks stand beside these, by their names.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Track]

    audio: Track
    video: Track
    screen_audio: Track
    screen_video: Track


class Participant(_Plain):
    """A participant as daily-js shows it; `participantType` only with those behind a call."""

    session_id: str
    user_id: str
    user_name: str
    local: bool
    owner: bool
    record: bool
    joined_at: str
    will_eject_at: str | None
    permissions: ShownPermissions
    network_quality_state: Literal["good", "warning", "bad", "unknown"] = Field(alias="networkQualityState")
    tracks: Tracks
    audio: bool
    video: bool
    screen: bool
    participant_type: ParticipantType | None = Field(default=None, alias="participantType")
    user_data: Any = Field(default=None, alias="userData")


class _Event(_Sent):
    call_client_id: str
    """Of the client that receives it."""


class JoinedMeeting(_Event):
    """The client is in; `participants` has it under `local` and the others by session id."""

    action: Literal["joined-meeting"]
    participants: dict[str, Participant]


class LeftMeeting(_Event):
    """The client is out, by its own wish or ejected."""

    action: Literal["left-meeting"]


class ParticipantJoined(_Event):
    """Somebody came, or is hidden no more."""

    action: Literal["participant-joined"]
    participant: Participant


class ParticipantUpdated(_Event):
    """Somebody changed."""

    action: Literal["participant-updated"]
    participant: Participant


class ParticipantLeft(_Event):
    """Somebody left, or became hidden."""

    action: Literal["participant-left"]
    participant: Participant
    reason: Literal["hidden"] | None = None


class Counts(_Sent):
    """How many participants are shown, and how many are hidden."""

    present: int
    hidden: int


class CountsUpdated(_Event):
    """Somebody came or left."""

    action: Literal["participant-counts-updated"]
    participant_counts: Counts


# --- the meeting ---------------------------------------------------------------------------------------------


class MeetingSession(_Sent):
    """A meeting; its id is new whenever a room comes to life."""

    id: str


class MeetingSessionUpdated(_Event):
    """Which meeting the client is in, under the old name."""

    action: Literal["meeting-session-updated"]
    meeting_session: MeetingSession


class MeetingSessionSummaryUpdated(_Event):
    """Which meeting the client is in."""

    action: Literal["meeting-session-summary-updated"]
    meeting_session: MeetingSession


class MeetingSessionState(_Sent):
    """Shared data of the meeting, and how media travels."""

    data: Any
    topology: Literal["sfu", "peer", "none"]


class MeetingSessionStateUpdated(_Event):
    """The state of the meeting that the client is in."""

    action: Literal["meeting-session-state-updated"]
    meeting_session_state: MeetingSessionState


class Speaker(_Sent):
    """A participant, by its session id."""

    peer_id: str


class ActiveSpeakerChange(_Event):
    """Somebody else talks now, or is louder than whoever talked before."""

    action: Literal["active-speaker-change"]
    active_speaker: Speaker


class AppMessage(_Event):
    """A message from another participant, or (`fromId` is `*`) from the REST API."""

    action: Literal["app-message"]
    data: Any
    from_id: str


class FatalError(_Sent):
    """Why a client is thrown out."""

    type: EjectionType
    msg: str


class ErrorEvent(_Event):
    """Fatal: `left-meeting` follows."""

    action: Literal["error"]
    error_msg: str
    error: FatalError


# --- telephony -----------------------------------------------------------------------------------------------


class DialinReady(_Event, telephony.DialinReady):
    """A SIP endpoint of the room can be called now."""


class DialinConnected(_Event, telephony.DialinConnected):
    """An INVITE was accepted and media is being negotiated; none flows yet."""


class DialinStopped(_Event, telephony.DialinStopped):
    """The call is over, from either side."""


class DialinWarning(_Event, telephony.DialinWarning):
    """Something is not as asked for, and the call goes on; typically a codec fallback."""


class DialinError(_Event, telephony.DialinError):
    """The call is lost. `type` is `start-failed` when its media never started."""


class DialoutConnected(_Event, telephony.DialoutConnected):
    """The far end rings."""


class DialoutAnswered(_Event, telephony.DialoutAnswered):
    """The far end picked up."""


class DialoutStopped(_Event, telephony.DialoutStopped):
    """The call is over, from either side, answered or not."""


class DialoutWarning(_Event, telephony.DialoutWarning):
    """Something is not as asked for, and the call goes on; typically a codec fallback."""


class DialoutError(_Event, telephony.DialoutError):
    """The call failed for good."""


class DtmfEvent(_Event, telephony.DtmfEvent):
    """The far end pressed a key; one event for each key press."""


AnyEvent = Annotated[
    JoinedMeeting
    | LeftMeeting
    | ParticipantJoined
    | ParticipantUpdated
    | ParticipantLeft
    | CountsUpdated
    | MeetingSessionUpdated
    | MeetingSessionSummaryUpdated
    | MeetingSessionStateUpdated
    | ActiveSpeakerChange
    | AppMessage
    | ErrorEvent
    | DialinReady
    | DialinConnected
    | DialinStopped
    | DialinWarning
    | DialinError
    | DialoutConnected
    | DialoutAnswered
    | DialoutStopped
    | DialoutWarning
    | DialoutError
    | DtmfEvent,
    Field(discriminator="action"),
]
EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def _actions() -> dict[str, type[BaseModel]]:
    models: tuple[type[BaseModel], ...] = get_args(get_args(AnyEvent)[0])
    return {get_args(model.model_fields["action"].annotation)[0]: model for model in models}


BY_ACTION: Mapping[str, type[BaseModel]] = MappingProxyType(_actions())
"""The model of each event, by its `action`."""
