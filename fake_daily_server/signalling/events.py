"""The models of all events that a client receives; each contains the receiving client's `callClientId`.

Telephony events have the fields of `telephony.events`; the other events are defined here. Optional fields are absent
rather than null. Where daily-js has a Date, the field is a string in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.alias_generators import to_camel

from fake_daily_server.telephony import events as telephony
from fake_daily_server.values.participants import AdminKind, CanReceive, EjectionType, SendKind
from fake_daily_server.values.telephony_types import ParticipantType


class _CamelCaseModel(BaseModel):
    model_config = ConfigDict(
        frozen=True, defer_build=True, extra="forbid", populate_by_name=True, alias_generator=to_camel
    )


class _SnakeCaseModel(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", populate_by_name=True)


# --- participants --------------------------------------------------------------------------------------------


class ShownPermissions(_CamelCaseModel):
    """The permissions of a participant; all four are always present."""

    has_presence: StrictBool
    can_send: StrictBool | tuple[SendKind, ...]
    can_receive: CanReceive
    can_admin: StrictBool | tuple[AdminKind, ...]


class TrackOff(_CamelCaseModel):
    """Why a track is off: turned off by its owner, muted by another participant, or not permitted by `canSend`."""

    by_user: Literal[True] | None = None
    by_remote_request: Literal[True] | None = None
    by_can_send_permission: Literal[True] | None = None


class Track(_CamelCaseModel):
    """One track of a participant. A custom track has a `kind`, and an `id` that is the source id in audio messages."""

    subscribed: StrictBool
    state: Literal["playable", "off"]
    off: TrackOff | None = None
    kind: Literal["audio"] | None = None
    id: str | None = None


class Tracks(_CamelCaseModel):
    """The tracks of a participant. `audio` is on for calls, and for clients whose microphone is on.

    Each custom audio track is an additional field with the track's name.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Track]

    audio: Track
    video: Track
    screen_audio: Track
    screen_video: Track


class Participant(_SnakeCaseModel):
    """A participant in daily-js's format; only telephony participants have a `participantType`."""

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


class _Event(_CamelCaseModel):
    call_client_id: str
    """The id of the receiving client's call object."""


class JoinedMeeting(_Event):
    """The client has joined. `participants` contains the client under `local`, and the others by session id."""

    action: Literal["joined-meeting"]
    participants: dict[str, Participant]


class LeftMeeting(_Event):
    """The client has left, or was ejected."""

    action: Literal["left-meeting"]


class ParticipantJoined(_Event):
    """A participant has joined, or is no longer hidden."""

    action: Literal["participant-joined"]
    participant: Participant


class ParticipantUpdated(_Event):
    """A participant has changed."""

    action: Literal["participant-updated"]
    participant: Participant


class ParticipantLeft(_Event):
    """A participant has left, or has become hidden."""

    action: Literal["participant-left"]
    participant: Participant
    reason: Literal["hidden"] | None = None


class Counts(_CamelCaseModel):
    """How many participants are present, and how many are hidden."""

    present: int
    hidden: int


class CountsUpdated(_Event):
    """The number of present or hidden participants has changed."""

    action: Literal["participant-counts-updated"]
    participant_counts: Counts


# --- the meeting ---------------------------------------------------------------------------------------------


class MeetingSession(_CamelCaseModel):
    """A meeting in a room: it starts when the first client joins. Every meeting has a new id."""

    id: str


class MeetingSessionUpdated(_Event):
    """The meeting that the client is in: the older name of `meeting-session-summary-updated`."""

    action: Literal["meeting-session-updated"]
    meeting_session: MeetingSession


class MeetingSessionSummaryUpdated(_Event):
    """The meeting that the client is in."""

    action: Literal["meeting-session-summary-updated"]
    meeting_session: MeetingSession


class MeetingSessionState(_CamelCaseModel):
    """The meeting's shared session data, and the topology of its media (SFU, peer-to-peer or none)."""

    data: Any
    topology: Literal["sfu", "peer", "none"]


class MeetingSessionStateUpdated(_Event):
    """The state of the client's meeting; sent at the join and after each change of the state."""

    action: Literal["meeting-session-state-updated"]
    meeting_session_state: MeetingSessionState


class Speaker(_CamelCaseModel):
    """The active speaker; `peerId` is the participant's session id."""

    peer_id: str


class ActiveSpeakerChange(_Event):
    """The active speaker has changed: another participant is the first to speak, or louder than the previous one."""

    action: Literal["active-speaker-change"]
    active_speaker: Speaker


class AppMessage(_Event):
    """A message from another participant, or from the REST API if `fromId` is `*`."""

    action: Literal["app-message"]
    data: Any
    from_id: str


class FatalError(_CamelCaseModel):
    """Why a client was ejected."""

    type: EjectionType
    msg: str


class ErrorEvent(_Event):
    """A fatal error; `left-meeting` follows."""

    action: Literal["error"]
    error_msg: str
    error: FatalError


# --- telephony -----------------------------------------------------------------------------------------------


class DialinReady(_Event, telephony.DialinReady):
    """A SIP endpoint of the room can be called."""


class DialinConnected(_Event, telephony.DialinConnected):
    """The INVITE of a caller was accepted; there is no media yet."""


class DialinStopped(_Event, telephony.DialinStopped):
    """An incoming call has ended, from either side."""


class DialinWarning(_Event, telephony.DialinWarning):
    """An incoming call continues, but not as requested, typically with another codec."""


class DialinError(_Event, telephony.DialinError):
    """An incoming call has failed. `type` is `start-failed` if its media never started."""


class DialoutConnected(_Event, telephony.DialoutConnected):
    """The called party is ringing."""


class DialoutAnswered(_Event, telephony.DialoutAnswered):
    """The called party has answered."""


class DialoutStopped(_Event, telephony.DialoutStopped):
    """A dialled call has ended, from either side, answered or not."""


class DialoutWarning(_Event, telephony.DialoutWarning):
    """A dialled call continues, but not as requested, typically with another codec."""


class DialoutError(_Event, telephony.DialoutError):
    """A dialled call has failed and is not retried."""


class DtmfEvent(_Event, telephony.DtmfEvent):
    """The far end has sent a DTMF digit; one event per digit."""


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


def _models_by_action() -> dict[str, type[BaseModel]]:
    models: tuple[type[BaseModel], ...] = get_args(get_args(AnyEvent)[0])
    return {get_args(model.model_fields["action"].annotation)[0]: model for model in models}


BY_ACTION: Mapping[str, type[BaseModel]] = MappingProxyType(_models_by_action())
"""The model of each event, by its `action`."""

EVENT_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        action: frozenset(field.alias or name for name, field in model.model_fields.items())
        for action, model in BY_ACTION.items()
    }
)
"""Names of the top-level fields of each event, by its `action`."""

EVENT_NAMES: tuple[str, ...] = tuple(BY_ACTION)
"""The `action` of every event that a client can receive."""
