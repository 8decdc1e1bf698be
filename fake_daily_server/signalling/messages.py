"""The signalling protocol's frames: what a client may send, and what comes back.

Every frame is one JSON object in one WebSocket text message. A request `{id, method, params}` is answered by
exactly one `{id, result}` or `{id, error}`; a push is `{event}`. Field names are Daily's, times ISO 8601.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

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
"""Characters of JSON, as daily-js allows."""


def _short_enough(data: Any) -> Any:
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST_USER_DATA:
        raise ValueError(f"has {size} characters of JSON but may have at most {LONGEST_USER_DATA}")
    return data


UserData = Annotated[JsonValue, AfterValidator(_short_enough)]
RequestId = StrictInt | Annotated[str, Field(max_length=64)]


class Nothing(RequestModel):
    """A method without parameters."""


class Join(RequestModel):
    """Join the room of this URL. What the token says about name and id goes before what is said here.

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
    """Send at most 4 KB of JSON to everybody else (`*`), to one participant, or to several."""

    data: JsonValue
    to: str | tuple[str, ...] = "*"


class UpdateParticipant(RequestModel):
    """Eject a participant, change its permissions, or turn its tracks off, or on again; for telephony ones too.

    A client whose track was turned off is told by participant-updated, `off: {byRemoteRequest: true}`. `true` is for
    tracks that were turned off so: a call is heard again, a client may turn itself on.
    """

    session_id: str
    eject: StrictBool = False
    set_audio: StrictBool | None = None
    set_video: StrictBool | None = None
    update_permissions: Permissions | None = None


def _free_name(name: str) -> str:
    if name in ("audio", "video", "screenAudio", "screenVideo"):
        raise ValueError(f"a track cannot be named {name!r}, which every participant has")
    return name


TrackName = Annotated[str, Field(max_length=50), AfterValidator(_free_name)]


class SetAudio(RequestModel):
    """Take part in the room's sound, which then comes and goes as binary messages (docs/signalling.md).

    `receive` is the mix of all others, or each of the `participants` (all when absent) by itself. `send` says that the
    microphone is on; `tracks` names the client's further tracks, whose ids the result has.
    """

    receive: Literal["off", "mix", "participants"] = "off"
    participants: tuple[str, ...] | None = None
    send: StrictBool = False
    tracks: tuple[TrackName, ...] = ()

    @model_validator(mode="after")
    def _participants_are_received(self) -> Self:
        if self.participants is not None and self.receive != "participants":
            raise ValueError(f"participants cannot be chosen with receive {self.receive!r}, only with 'participants'")
        return self


class SetVideo(RequestModel):
    """Take part in the room's video, which then comes and goes as binary messages (docs/signalling.md).

    `receive` is pictures of the `participants` (all when absent); `send` says that the camera is on.
    """

    receive: StrictBool = False
    participants: tuple[str, ...] | None = None
    send: StrictBool = False


class SetMedia(RequestModel):
    """Take part over WebRTC (docs/webrtc.md). The server offers; nothing received and nothing sent closes it.

    `receive` is a track with the mix of all others, or one for each of the `participants`; `receive_video` adds
    their videos. `audio`, `video` and `screen_video` say that the client's microphone and camera are on, and its
    screen is shared; `tracks` names its further audio tracks.
    """

    receive: Literal["off", "mix", "participants"] = "participants"
    receive_video: StrictBool = False
    audio: StrictBool = False
    video: StrictBool = False
    screen_video: StrictBool = False
    tracks: tuple[TrackName, ...] = ()


class AnswerMedia(RequestModel):
    """The answer to the offer with this number."""

    number: StrictInt
    sdp: Annotated[str, Field(max_length=200_000)]


class AddMediaCandidate(RequestModel):
    """An ICE candidate, as `RTCIceCandidate.toJSON()` gives it; an empty one ends them and may be left out."""

    candidate: Annotated[str, Field(max_length=1000)]
    sdp_mid: str | None = None
    sdp_m_line_index: StrictInt | None = None
    username_fragment: str | None = None


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RequestId


class JoinRequest(_Request):
    """Result: `JoinResult`. Must come first; the same connection may join again after leaving."""

    method: Literal["join"]
    params: Join = Join()


class ResumeRequest(_Request):
    """Result: `ResumeResult`; the missed events follow. Must come first on a new connection to the same room."""

    method: Literal["resume"]
    params: Resume


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
    params: Nothing = Nothing()


class SetAudioRequest(_Request):
    """Result: `{}`, or with `tracks` their ids by name. May be sent again for other wishes."""

    method: Literal["setAudio"]
    params: SetAudio


class SetVideoRequest(_Request):
    """Result: `{}`. May be sent again for other wishes."""

    method: Literal["setVideo"]
    params: SetVideo


class SetMediaRequest(_Request):
    """Result: `{}`. Offers follow as `media` frames. May be sent again for other wishes."""

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
    params: Nothing = Nothing()


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
METHODS = (
    "join",
    "resume",
    "leave",
    "startDialOut",
    "stopDialOut",
    "sendDTMF",
    "sipCallTransfer",
    "sipRefer",
    "sendAppMessage",
    "updateParticipant",
    "setUserName",
    "setUserData",
    "setSessionData",
    "room",
    "setAudio",
    "setVideo",
    "setMedia",
    "answerMedia",
    "addMediaCandidate",
    "participants",
)

# --- what the server sends -----------------------------------------------------------------------------------


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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


class Reconnect(_Sent):
    """What a reconnectable client needs to `resume`, and how soon after the loss it must."""

    key: str
    within_ms: int = Field(alias="withinMs")


class JoinResult(_Sent):
    """Result of `join`; `reconnect` when the client asked to be reconnectable."""

    participants: dict[str, Participant]
    meeting_session: MeetingSession = Field(alias="meetingSession")
    call_client_id: str = Field(alias="callClientId")
    reconnect: Reconnect | None = None


class ResumeResult(_Sent):
    """Result of `resume`: who is in the room now."""

    participants: dict[str, Participant]
    participant_counts: Counts = Field(alias="participantCounts")


class RoomResult(_Sent):
    """Result of `room`: properties in full, as the REST API names them; `dialInPIN` with PIN dial-in."""

    id: str
    name: str
    config: dict[str, Any]
    domain_config: dict[str, Any] = Field(alias="domainConfig")
    token_config: dict[str, Any] = Field(alias="tokenConfig")
    dial_in_pin: str | None = Field(default=None, alias="dialInPIN")


class Push(_Sent):
    """Something happened."""

    event: AnyEvent


class Offer(_Sent):
    """An SDP offer; `number` goes into the answer."""

    number: int
    sdp: str


class TrackSource(_Sent):
    """What a track carries: a participant's sound or video, or with null the mix of everybody.

    `name` tells a custom track, or `screenVideo`, from the microphone and the camera.
    """

    session_id: str | None = Field(alias="sessionId")
    kind: Literal["audio", "video"]
    name: str | None = None


class MediaOffer(_Sent):
    """`upstream` says which sections (mids) take the client's own tracks, `tracks` what the others carry."""

    offer: Offer
    upstream: dict[str, str]
    tracks: dict[str, TrackSource]


class MediaFailed(_Sent):
    """There is no WebRTC connection any more; `setMedia` begins anew."""

    failed: str


class MediaFrame(_Sent):
    """News of the client's WebRTC connection."""

    media: MediaOffer | MediaFailed


ServerFrame = Success | Failure | Push | MediaFrame
