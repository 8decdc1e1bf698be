"""The text frames of the signalling protocol: requests of clients, and answers, events and offers of the server.

Every frame is one JSON object in one WebSocket text message. A request `{id, method, params}` is answered by exactly
one `{id, result}` or `{id, error}`; events are sent as `{event}`, WebRTC offers as `{media}`. Field names are Daily's;
times are in ISO 8601.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    TypeAdapter,
    model_validator,
)

from fake_daily_server.signalling.events import AnyEvent, Counts, MeetingSession, Participant
from fake_daily_server.values.participants import Permissions, UserId, UserName
from fake_daily_server.values.session_data import SetSessionData
from fake_daily_server.values.telephony_requests import SendDtmf, SipCallTransfer, SipRefer, StartDialOut, StopDialOut
from fake_daily_server.values.validation import RequestModel

LONGEST_USER_DATA = 4096
"""The most characters of JSON in `userData`; daily-js has the same limit."""


def _short_enough(data: Any) -> Any:
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST_USER_DATA:
        raise ValueError(f"has {size} characters of JSON but may have at most {LONGEST_USER_DATA}; shorten it")
    return data


UserData = Annotated[JsonValue, AfterValidator(_short_enough)]
RequestId = StrictInt | Annotated[str, Field(max_length=64)]


ReceiveAudio = Literal["off", "mix", "participants"]
"""The audio that a client receives: none, the mix of all others, or each of the others separately."""


class NoParams(RequestModel):
    """The empty parameters of a method without any."""


class Join(RequestModel):
    """Join the room of this URL. A name or id in the token takes precedence over `userName` or `userId`.

    If the connection of a `reconnectable` client is lost, its participant stays in the room for a limited time, in
    which the client may `resume`.
    """

    token: str | None = None
    user_name: UserName | None = None
    user_id: UserId | None = None
    user_data: UserData = None
    reconnectable: StrictBool = False


class SessionKey(RequestModel):
    """What a client proves with that a session is its own. `key` was returned by `join`."""

    session_id: str
    key: str


class Resume(SessionKey):
    """Resume a session whose connection was lost, as the same participant.

    `received` is the number of events that the client has received in this session; if absent, all events that were
    sent count as received.
    """

    received: Annotated[StrictInt, Field(ge=0)] | None = None


class SetUserName(RequestModel):
    """Change the participant's name."""

    user_name: UserName


class SetUserData(RequestModel):
    """Change the participant's `userData`, which all participants see; at most 4096 characters of JSON."""

    user_data: UserData


class SendAppMessage(RequestModel):
    """Send JSON of at most 4096 bytes to all other participants (`*`), to one, or to several."""

    data: JsonValue
    to: str | tuple[str, ...] = "*"


class UpdateParticipant(RequestModel):
    """Eject a participant, telephony participants included, change its permissions, or turn its tracks off or on.

    After a track is turned off, `participant-updated` contains `off: {byRemoteRequest: true}`. Turning the track on
    again only reverts that: a call is heard again at once, while a client must turn its own track on itself.
    """

    session_id: str
    eject: StrictBool = False
    set_audio: StrictBool | None = None
    set_video: StrictBool | None = None
    update_permissions: Permissions | None = None


def _custom_name(name: str) -> str:
    if name in ("audio", "video", "screenAudio", "screenVideo"):
        raise ValueError(f"a track cannot be named {name!r}: every participant has such a track; use another name")
    return name


TrackName = Annotated[str, Field(max_length=50), AfterValidator(_custom_name)]


class SetAudio(RequestModel):
    """Set which audio the client receives and sends in binary messages (docs/signalling.md).

    With `receive: participants`, the client receives each of the `participants` separately, or all if it is absent.
    `send` turns the client's microphone on; `tracks` names its further audio tracks, whose ids are in the result.
    """

    receive: ReceiveAudio = "off"
    participants: tuple[str, ...] | None = None
    send: StrictBool = False
    tracks: tuple[TrackName, ...] = ()

    @model_validator(mode="after")
    def _participants_are_received(self) -> Self:
        if self.participants is not None and self.receive != "participants":
            raise ValueError(f"participants are only allowed with receive 'participants', not {self.receive!r}")
        return self


class SetVideo(RequestModel):
    """Set which video the client receives and sends in binary messages (docs/signalling.md).

    `receive` turns on the video of the `participants`, or of all if it is absent; `send` turns the client's camera on.
    """

    receive: StrictBool = False
    participants: tuple[str, ...] | None = None
    send: StrictBool = False


class SetMedia(RequestModel):
    """Set what the client receives and sends over WebRTC (docs/webrtc.md); if that is nothing, close the connection.

    `receive` selects one track with the mix of all others, or one track per participant; `receiveVideo` adds the
    participants' video. `audio`, `video` and `screenVideo` turn the client's microphone, camera and screen share on;
    `tracks` names its further audio tracks.
    """

    receive: ReceiveAudio = "participants"
    receive_video: StrictBool = False
    audio: StrictBool = False
    video: StrictBool = False
    screen_video: StrictBool = False
    tracks: tuple[TrackName, ...] = ()


class AnswerMedia(RequestModel):
    """Answer the offer `number` with an SDP answer."""

    number: StrictInt
    sdp: Annotated[str, Field(max_length=200_000)]


class AddMediaCandidate(RequestModel):
    """Add an ICE candidate, as `RTCIceCandidate.toJSON()` returns it. The final empty one may be omitted."""

    candidate: Annotated[str, Field(max_length=1000)]
    sdp_mid: str | None = None
    sdp_m_line_index: StrictInt | None = None
    username_fragment: str | None = None


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: RequestId


class JoinRequest(_Request):
    """Join the room. Result: `JoinResult`. Must be the first request; a connection may join again after leaving."""

    method: Literal["join"]
    params: Join = Join()


class ResumeRequest(_Request):
    """Resume a session. Result: `ResumeResult`; the missed events follow. Must be the first request of a connection."""

    method: Literal["resume"]
    params: Resume


class LeaveRequest(_Request):
    """Leave the room. Result: `{}`. The connection stays open."""

    method: Literal["leave"]
    params: NoParams = NoParams()


class StartDialOutRequest(_Request):
    """Dial out. Result: `{session: {sessionId}}`, before the far end rings."""

    method: Literal["startDialOut"]
    params: StartDialOut


class StopDialOutRequest(_Request):
    """End a telephony session. Result: `{}`."""

    method: Literal["stopDialOut"]
    params: StopDialOut


class SendDtmfRequest(_Request):
    """Send digits to the far end of a session. Result: `{}`, once the digits are accepted."""

    method: Literal["sendDTMF"]
    params: SendDtmf


class SipCallTransferRequest(_Request):
    """Transfer a call to a target. Result: `{}`, once the call has left the room and the INVITE has been sent."""

    method: Literal["sipCallTransfer"]
    params: SipCallTransfer


class SipReferRequest(_Request):
    """Transfer a call with a SIP REFER. Result: `{}`, once the far end has accepted the REFER."""

    method: Literal["sipRefer"]
    params: SipRefer


class SendAppMessageRequest(_Request):
    """Send a message to other participants. Result: `{}`."""

    method: Literal["sendAppMessage"]
    params: SendAppMessage


class UpdateParticipantRequest(_Request):
    """Eject, mute or change the permissions of a participant. Result: `{}`."""

    method: Literal["updateParticipant"]
    params: UpdateParticipant


class SetUserNameRequest(_Request):
    """Change the client's own name. Result: `{userName}`."""

    method: Literal["setUserName"]
    params: SetUserName


class SetUserDataRequest(_Request):
    """Change the client's own user data. Result: `{userData}`."""

    method: Literal["setUserData"]
    params: SetUserData


class SetSessionDataRequest(_Request):
    """Change the meeting's shared session data. Result: `{}`."""

    method: Literal["setSessionData"]
    params: SetSessionData = SetSessionData()


class RoomRequest(_Request):
    """Get the properties of the room. Result: `RoomResult`."""

    method: Literal["room"]
    params: NoParams = NoParams()


class SetAudioRequest(_Request):
    """Set up audio in binary messages. Result: `{}`, or `{tracks}`: ids by name. May be repeated to change it."""

    method: Literal["setAudio"]
    params: SetAudio


class SetVideoRequest(_Request):
    """Set up video in binary messages. Result: `{}`. May be repeated to change it."""

    method: Literal["setVideo"]
    params: SetVideo


class SetMediaRequest(_Request):
    """Set up WebRTC. Result: `{}`; offers follow as `media` frames. May be repeated to change it."""

    method: Literal["setMedia"]
    params: SetMedia = SetMedia()


class AnswerMediaRequest(_Request):
    """Answer an offer of the server. Result: `{}`."""

    method: Literal["answerMedia"]
    params: AnswerMedia


class AddMediaCandidateRequest(_Request):
    """Add an ICE candidate. Result: `{}`."""

    method: Literal["addMediaCandidate"]
    params: AddMediaCandidate


class ParticipantsRequest(_Request):
    """Get the participants of the room. Result: `{participants, participantCounts}`."""

    method: Literal["participants"]
    params: NoParams = NoParams()


Request = Annotated[
    JoinRequest
    | ResumeRequest
    | LeaveRequest
    | StartDialOutRequest
    | StopDialOutRequest
    | SendDtmfRequest
    | SipCallTransferRequest
    | SipReferRequest
    | SendAppMessageRequest
    | UpdateParticipantRequest
    | SetUserNameRequest
    | SetUserDataRequest
    | SetSessionDataRequest
    | RoomRequest
    | SetAudioRequest
    | SetVideoRequest
    | SetMediaRequest
    | AnswerMediaRequest
    | AddMediaCandidateRequest
    | ParticipantsRequest,
    Field(discriminator="method"),
]
REQUESTS: TypeAdapter[Request] = TypeAdapter(Request, config=ConfigDict(defer_build=True))
METHODS: tuple[str, ...] = tuple(
    get_args(model.model_fields["method"].annotation)[0] for model in get_args(get_args(Request)[0])
)
"""The names of all methods."""

# --- from the server -----------------------------------------------------------------------------------------


class _ServerModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Error(_ServerModel):
    """Why a request was refused: the HTTP status of the REST API, Daily's error code, a human-readable explanation."""

    status: int
    error: str
    info: str


class Failure(_ServerModel):
    """Answer to a request that was refused. `id` is null if the frame has no valid id."""

    id: RequestId | None
    error: Error


class Success(_ServerModel):
    """Answer to a request that was carried out."""

    id: RequestId
    result: dict[str, Any]


class Reconnect(_ServerModel):
    """The key for `resume` of a reconnectable client, and the time limit in ms, counted from the connection's loss."""

    key: str
    within_ms: int = Field(alias="withinMs")


class JoinResult(_ServerModel):
    """Result of `join`; `reconnect` is present if the client is reconnectable."""

    participants: dict[str, Participant]
    meeting_session: MeetingSession = Field(alias="meetingSession")
    call_client_id: str = Field(alias="callClientId")
    reconnect: Reconnect | None = None


class ResumeResult(_ServerModel):
    """Result of `resume`: the participants of the room and their counts."""

    participants: dict[str, Participant]
    participant_counts: Counts = Field(alias="participantCounts")


class RoomResult(_ServerModel):
    """Result of `room`. `config` has all room properties, named as in the REST API; `dialInPIN` needs PIN dial-in."""

    id: str
    name: str
    config: dict[str, Any]
    domain_config: dict[str, Any] = Field(alias="domainConfig")
    token_config: dict[str, Any] = Field(alias="tokenConfig")
    dial_in_pin: str | None = Field(default=None, alias="dialInPIN")


class Push(_ServerModel):
    """A frame with an event of the room."""

    event: AnyEvent


class Offer(_ServerModel):
    """An SDP offer; `answerMedia` repeats its `number`."""

    number: int
    sdp: str


class TrackSource(_ServerModel):
    """The source of a track: a participant's audio or video, or the mix if `sessionId` is null.

    `name` is the name of a custom track, or `screenVideo`; absent for the microphone and the camera.
    """

    session_id: str | None = Field(alias="sessionId")
    kind: Literal["audio", "video"]
    name: str | None = None


class MediaOffer(_ServerModel):
    """An offer. `upstream` has the mid of each track of the client, by name; `tracks` the source of each other mid."""

    offer: Offer
    upstream: dict[str, str]
    tracks: dict[str, TrackSource]


class MediaFailed(_ServerModel):
    """The reason why the WebRTC connection has ended; `setMedia` opens a new one."""

    failed: str


class MediaFrame(_ServerModel):
    """A frame about the client's WebRTC connection: an offer, or the reason why the connection has ended."""

    media: MediaOffer | MediaFailed


ServerFrame = Success | Failure | Push | MediaFrame
