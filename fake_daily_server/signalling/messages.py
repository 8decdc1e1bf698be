"""The text frames of the signalling protocol: the requests of clients, and what the server sends.

Every frame is one JSON object in one WebSocket text message. A request `{id, method, params}` is answered by exactly
one `{id, result}` or `{id, error}`; events are sent as `{event}`, WebRTC offers as `{media}`. Field names are Daily's,
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
"""Characters of JSON; daily-js has the same limit."""


def _short_enough(data: Any) -> Any:
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST_USER_DATA:
        raise ValueError(f"has {size} characters of JSON but may have at most {LONGEST_USER_DATA}")
    return data


UserData = Annotated[JsonValue, AfterValidator(_short_enough)]
RequestId = StrictInt | Annotated[str, Field(max_length=64)]


ReceiveAudio = Literal["off", "mix", "participants"]
"""No audio, the mix of all others, or each of the others separately."""


class NoParams(RequestModel):
    """The parameters of a method that has none."""


class Join(RequestModel):
    """Join the room of this URL. A name or id in the token takes precedence over the one given here.

    When the connection of a `reconnectable` client is lost, it stays in the room for a while and may `resume`.
    """

    token: str | None = None
    user_name: UserName | None = None
    user_id: UserId | None = None
    user_data: UserData = None
    reconnectable: StrictBool = False


class Resume(RequestModel):
    """Resume a session whose connection was lost, as the same participant. `key` is the one that `join` returned.

    `received` is the number of events of this session that the client has received; without it, all that were sent.
    """

    session_id: str
    key: str
    received: Annotated[StrictInt, Field(ge=0)] | None = None


class SetUserName(RequestModel):
    """Change the name that others see."""

    user_name: UserName


class SetUserData(RequestModel):
    """Change the data that others see with the participant; at most 4 KB of JSON."""

    user_data: UserData


class SendAppMessage(RequestModel):
    """Send at most 4 KB of JSON to all others (`*`), to one participant, or to several."""

    data: JsonValue
    to: str | tuple[str, ...] = "*"


class UpdateParticipant(RequestModel):
    """Eject a participant, change its permissions, or turn its tracks off or on. It may be a telephony participant.

    When a track is turned off, participant-updated says `off: {byRemoteRequest: true}`. Turning it on again only
    reverts that: a call is heard again at once, a client may then turn its own track on.
    """

    session_id: str
    eject: StrictBool = False
    set_audio: StrictBool | None = None
    set_video: StrictBool | None = None
    update_permissions: Permissions | None = None


def _custom_name(name: str) -> str:
    if name in ("audio", "video", "screenAudio", "screenVideo"):
        raise ValueError(f"a track cannot be named {name!r}, since every participant has a track of that name")
    return name


TrackName = Annotated[str, Field(max_length=50), AfterValidator(_custom_name)]


class SetAudio(RequestModel):
    """Set what the client hears and sends as binary messages (docs/signalling.md).

    With `receive: participants` it hears each of the `participants` (all when absent) separately. `send` turns its
    microphone on; `tracks` names its further audio tracks, whose ids the result has.
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
    """Set which video the client receives and sends as binary messages (docs/signalling.md).

    With `receive` it receives the video of the `participants` (all when absent); `send` turns its camera on.
    """

    receive: StrictBool = False
    participants: tuple[str, ...] | None = None
    send: StrictBool = False


class SetMedia(RequestModel):
    """Set what the client receives and sends over WebRTC (docs/webrtc.md); nothing at all closes the connection.

    `receive` is one track with the mix of all others, or one for each of the participants; `receiveVideo` adds their
    video. `audio`, `video` and `screenVideo` say whether the client's microphone and camera are on and its screen is
    shared; `tracks` names its further audio tracks.
    """

    receive: ReceiveAudio = "participants"
    receive_video: StrictBool = False
    audio: StrictBool = False
    video: StrictBool = False
    screen_video: StrictBool = False
    tracks: tuple[TrackName, ...] = ()


class AnswerMedia(RequestModel):
    """Answer the offer with this number."""

    number: StrictInt
    sdp: Annotated[str, Field(max_length=200_000)]


class AddMediaCandidate(RequestModel):
    """Add an ICE candidate, as `RTCIceCandidate.toJSON()` returns it. The final empty one may be omitted."""

    candidate: Annotated[str, Field(max_length=1000)]
    sdp_mid: str | None = None
    sdp_m_line_index: StrictInt | None = None
    username_fragment: str | None = None


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RequestId


class JoinRequest(_Request):
    """Result: `JoinResult`. Must be the first request; the same connection may join again after leaving."""

    method: Literal["join"]
    params: Join = Join()


class ResumeRequest(_Request):
    """Result: `ResumeResult`; the missed events follow. Must be the first request of a new connection to the room."""

    method: Literal["resume"]
    params: Resume


class LeaveRequest(_Request):
    """Result: `{}`. The connection stays open."""

    method: Literal["leave"]
    params: NoParams = NoParams()


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
    """Result: `{}`, once the leg has left the room and the target is being called."""

    method: Literal["sipCallTransfer"]
    params: SipCallTransfer


class SipReferRequest(_Request):
    """Result: `{}`, once the peer has accepted the REFER."""

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


class SetUserDataRequest(_Request):
    """Result: `{userData}`."""

    method: Literal["setUserData"]
    params: SetUserData


class SetSessionDataRequest(_Request):
    """Result: `{}`."""

    method: Literal["setSessionData"]
    params: SetSessionData = SetSessionData()


class RoomRequest(_Request):
    """Result: `RoomResult`."""

    method: Literal["room"]
    params: NoParams = NoParams()


class SetAudioRequest(_Request):
    """Result: `{}`, or with `tracks` their ids by name. May be repeated with other parameters."""

    method: Literal["setAudio"]
    params: SetAudio


class SetVideoRequest(_Request):
    """Result: `{}`. May be repeated with other parameters."""

    method: Literal["setVideo"]
    params: SetVideo


class SetMediaRequest(_Request):
    """Result: `{}`. Offers follow as `media` frames. May be repeated with other parameters."""

    method: Literal["setMedia"]
    params: SetMedia = SetMedia()


class AnswerMediaRequest(_Request):
    """Result: `{}`."""

    method: Literal["answerMedia"]
    params: AnswerMedia


class AddMediaCandidateRequest(_Request):
    """Result: `{}`."""

    method: Literal["addMediaCandidate"]
    params: AddMediaCandidate


class ParticipantsRequest(_Request):
    """Result: `{participants, participantCounts}`."""

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
REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)
METHODS: tuple[str, ...] = tuple(
    get_args(model.model_fields["method"].annotation)[0] for model in get_args(get_args(Request)[0])
)
"""The names of all methods."""

# --- from the server -----------------------------------------------------------------------------------------


class _ServerModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Error(_ServerModel):
    """Why a request was refused: the HTTP status that REST would answer, Daily's error code, and an explanation."""

    status: int
    error: str
    info: str


class Failure(_ServerModel):
    """Answer to a request that was refused. `id` is null when the frame had no valid one."""

    id: RequestId | None
    error: Error


class Success(_ServerModel):
    """Answer to a request that was carried out."""

    id: RequestId
    result: dict[str, Any]


class Reconnect(_ServerModel):
    """The key with which a reconnectable client can `resume`, and how soon after the loss it must."""

    key: str
    within_ms: int = Field(alias="withinMs")


class JoinResult(_ServerModel):
    """Result of `join`; `reconnect` is present when the client is reconnectable."""

    participants: dict[str, Participant]
    meeting_session: MeetingSession = Field(alias="meetingSession")
    call_client_id: str = Field(alias="callClientId")
    reconnect: Reconnect | None = None


class ResumeResult(_ServerModel):
    """Result of `resume`: the participants of the room."""

    participants: dict[str, Participant]
    participant_counts: Counts = Field(alias="participantCounts")


class RoomResult(_ServerModel):
    """Result of `room`: all properties, named as in the REST API. `dialInPIN` is present with PIN dial-in."""

    id: str
    name: str
    config: dict[str, Any]
    domain_config: dict[str, Any] = Field(alias="domainConfig")
    token_config: dict[str, Any] = Field(alias="tokenConfig")
    dial_in_pin: str | None = Field(default=None, alias="dialInPIN")


class Push(_ServerModel):
    """An event of the room."""

    event: AnyEvent


class Offer(_ServerModel):
    """An SDP offer; the answer repeats its `number`."""

    number: int
    sdp: str


class TrackSource(_ServerModel):
    """What a track carries: a participant's audio or video, or with a null `sessionId` the mix.

    `name` is that of a custom track, or `screenVideo`; absent for the microphone and the camera.
    """

    session_id: str | None = Field(alias="sessionId")
    kind: Literal["audio", "video"]
    name: str | None = None


class MediaOffer(_ServerModel):
    """An offer; `upstream` has the mids of the client's own tracks by name, `tracks` what the other mids carry."""

    offer: Offer
    upstream: dict[str, str]
    tracks: dict[str, TrackSource]


class MediaFailed(_ServerModel):
    """Why the WebRTC connection has ended; `setMedia` opens a new one."""

    failed: str


class MediaFrame(_ServerModel):
    """An offer for the client's WebRTC connection, or why the connection has ended."""

    media: MediaOffer | MediaFailed


ServerFrame = Success | Failure | Push | MediaFrame
