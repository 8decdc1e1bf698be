"""The signalling protocol's frames: what a client may send, and what comes back.

Every frame is one JSON object in one WebSocket text message. A request `{id, method, params}` is answered by
exactly one `{id, result}` or `{id, error}`; a push is `{event}`. Field names are Daily's, times ISO 8601.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StrictInt, TypeAdapter, model_validator

from fake_daily_server.participants import ParticipantType, Permissions, UserId, UserName
from fake_daily_server.rest.models import SendDtmf, SipCallTransfer, SipRefer, StartDialOut, StopDialOut
from fake_daily_server.rest.validation import RequestModel

RequestId = StrictInt | Annotated[str, Field(max_length=64)]


class Nothing(RequestModel):
    """A method without parameters."""


class Join(RequestModel):
    """Join the room of this URL. What the token says about name and id goes before what is said here."""

    token: str | None = None
    user_name: UserName | None = None
    user_id: UserId | None = None
    user_data: JsonValue = None


class SetUserName(RequestModel):
    """Change the name that others see."""

    user_name: UserName


class SendAppMessage(RequestModel):
    """Send at most 4 KB of JSON to everybody else (`*`), to one participant, or to several."""

    data: JsonValue
    to: str | tuple[str, ...] = "*"


class UpdateParticipant(RequestModel):
    """Eject a participant, change its permissions, or turn its sound off or on; for telephony participants too."""

    session_id: str
    eject: StrictBool = False
    set_audio: StrictBool | None = None
    """Of participants that are calls; anybody else decides for itself."""
    update_permissions: Permissions | None = None


class SetAudio(RequestModel):
    """Take part in the room's sound, which then comes and goes as binary messages (docs/media.md).

    `receive` is the mix of all others, or each of the `participants` (all when absent) by itself.
    """

    receive: Literal["off", "mix", "participants"] = "off"
    participants: tuple[str, ...] | None = None
    send: StrictBool = False

    @model_validator(mode="after")
    def _participants_are_received(self) -> Self:
        if self.participants is not None and self.receive != "participants":
            raise ValueError(f"participants cannot be chosen with receive {self.receive!r}, only with 'participants'")
        return self


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RequestId


class JoinRequest(_Request):
    """Result: `JoinResult`. Must come first; the same connection may join again after leaving."""

    method: Literal["join"]
    params: Join = Join()


class LeaveRequest(_Request):
    """Result: `{}`. The connection stays open."""

    method: Literal["leave"]
    params: Nothing = Nothing()


class StartDialOutRequest(_Request):
    """Result: `{session: {sessionId}}`, before the far end rings."""

    method: Literal["startDialOut"]
    params: StartDialOut


class StopDialOutRequest(_Request):
    """Result: `{}`."""

    method: Literal["stopDialOut"]
    params: StopDialOut


class SendDtmfRequest(_Request):
    """Result: `{}`."""

    method: Literal["sendDTMF"]
    params: SendDtmf


class SipCallTransferRequest(_Request):
    """Result: `{}`, once the leg has left the room and the other end is being called."""

    method: Literal["sipCallTransfer"]
    params: SipCallTransfer


class SipReferRequest(_Request):
    """Result: `{}`, once the far end has agreed."""

    method: Literal["sipRefer"]
    params: SipRefer


class SendAppMessageRequest(_Request):
    """Result: `{}`."""

    method: Literal["sendAppMessage"]
    params: SendAppMessage


class UpdateParticipantRequest(_Request):
    """Result: `{}`."""

    method: Literal["updateParticipant"]
    params: UpdateParticipant


class SetUserNameRequest(_Request):
    """Result: `{userName}`."""

    method: Literal["setUserName"]
    params: SetUserName


class SetAudioRequest(_Request):
    """Result: `{}`. May be sent again for other wishes."""

    method: Literal["setAudio"]
    params: SetAudio


class ParticipantsRequest(_Request):
    """Result: `{participants, participantCounts}`."""

    method: Literal["participants"]
    params: Nothing = Nothing()


Request = Annotated[
    JoinRequest
    | LeaveRequest
    | StartDialOutRequest
    | StopDialOutRequest
    | SendDtmfRequest
    | SipCallTransferRequest
    | SipReferRequest
    | SendAppMessageRequest
    | UpdateParticipantRequest
    | SetUserNameRequest
    | SetAudioRequest
    | ParticipantsRequest,
    Field(discriminator="method"),
]
REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)
METHODS = (
    "join",
    "leave",
    "startDialOut",
    "stopDialOut",
    "sendDTMF",
    "sipCallTransfer",
    "sipRefer",
    "sendAppMessage",
    "updateParticipant",
    "setUserName",
    "setAudio",
    "participants",
)

# --- what the server sends -----------------------------------------------------------------------------------


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Participant(BaseModel):
    """A participant as daily-js shows it; `participantType` only with those behind a call."""

    model_config = ConfigDict(frozen=True, extra="allow")

    session_id: str
    user_id: str
    user_name: str
    local: bool
    owner: bool
    joined_at: str
    will_eject_at: str | None
    permissions: Permissions
    tracks: dict[str, dict[str, Any]]
    participant_type: ParticipantType | None = Field(default=None, alias="participantType")


class Error(_Sent):
    """A refusal: the HTTP status that REST would give, Daily's machine-readable word, and an explanation."""

    status: int
    error: str
    info: str


class Failure(_Sent):
    """Answer to a request that was refused; `id` is null when the frame had none that could be read."""

    id: RequestId | None
    error: Error


class Success(_Sent):
    """Answer to a request that was carried out."""

    id: RequestId
    result: dict[str, Any]


class MeetingSession(_Sent):
    """A meeting; its id is new whenever a room comes to life."""

    id: str


class JoinResult(_Sent):
    """Result of `join`."""

    participants: dict[str, Participant]
    meeting_session: MeetingSession = Field(alias="meetingSession")
    call_client_id: str = Field(alias="callClientId")


class _Event(_Sent):
    call_client_id: str = Field(alias="callClientId")
    """Of the client that receives it."""


class JoinedMeeting(_Event):
    """The client is in; `participants` has it under `local` and the others by session id."""

    action: Literal["joined-meeting"]
    participants: dict[str, Participant]


class LeftMeeting(_Event):
    """The client is out, by its own wish or ejected."""

    action: Literal["left-meeting"]


class ParticipantEvent(_Event):
    """Somebody came or changed."""

    action: Literal["participant-joined", "participant-updated"]
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
    participant_counts: Counts = Field(alias="participantCounts")


class MeetingSessionUpdated(_Event):
    """Which meeting the client is in; sent under the old and the new name."""

    action: Literal["meeting-session-updated", "meeting-session-summary-updated"]
    meeting_session: MeetingSession = Field(alias="meetingSession")


class MeetingSessionState(_Sent):
    """Shared data of the meeting, and how media travels."""

    data: Any
    topology: Literal["sfu", "peer", "none"]


class MeetingSessionStateUpdated(_Event):
    """The state of the meeting that the client is in."""

    action: Literal["meeting-session-state-updated"]
    meeting_session_state: MeetingSessionState = Field(alias="meetingSessionState")


class AppMessage(_Event):
    """A message from another participant."""

    action: Literal["app-message"]
    data: Any
    from_id: str = Field(alias="fromId")


class FatalError(_Sent):
    """Why a client is thrown out."""

    type: str
    msg: str


class ErrorEvent(_Event):
    """Fatal: `left-meeting` follows."""

    action: Literal["error"]
    error_msg: str = Field(alias="errorMsg")
    error: FatalError


class TelephonyEvent(BaseModel):
    """Daily's telephony events; their further fields are those of daily-js."""

    model_config = ConfigDict(frozen=True, extra="allow")

    call_client_id: str = Field(alias="callClientId")
    action: Literal[
        "dialin-ready",
        "dialin-connected",
        "dialin-stopped",
        "dialin-error",
        "dialin-warning",
        "dialout-connected",
        "dialout-answered",
        "dialout-stopped",
        "dialout-error",
        "dialout-warning",
        "dtmf-event",
    ]
    session_id: str | None = Field(default=None, alias="sessionId")


AnyEvent = Annotated[
    JoinedMeeting
    | LeftMeeting
    | ParticipantEvent
    | ParticipantLeft
    | CountsUpdated
    | MeetingSessionUpdated
    | MeetingSessionStateUpdated
    | AppMessage
    | ErrorEvent
    | TelephonyEvent,
    Field(discriminator="action"),
]


class Push(_Sent):
    """Something happened."""

    event: AnyEvent


ServerFrame = Success | Failure | Push
EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
