"""The verbs of a phone's call, as a table. Each is a POST route below the phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field, create_model

from fake_daily_server.control.audio import AUDIO_VERBS, Result
from fake_daily_server.control.output_files import RecordingPath
from fake_daily_server.control.routes import Body, WaitBody
from simulator.dtmf import check_digits
from simulator.dtmf_senders import BAD_SENDERS, press_like
from simulator.dtmf_senders.press_like import Stream
from simulator.errors import ConfigurationError
from simulator.personas.positions import POSITION_FIELDS
from simulator.phone_call import PhoneCall, PressMethod
from simulator.useragent.messages import AudioCodec, DigitMethod
from simulator.video.negotiated import VideoCodec


def _check_sender(name: str) -> str:
    if name not in BAD_SENDERS:
        raise ConfigurationError("sender", name, ", ".join(BAD_SENDERS))
    return name


class CallBody(Body):
    """Which call of the phone; if absent, the newest one that has not ended."""

    sip_call_id: str | None = None


class RingBody(CallBody):
    """The provisional response to send: 180 Ringing, or with `early_media` 183 Session Progress with an SDP answer."""

    early_media: bool = False


class HoldBody(CallBody):
    """How to hold the peer: silently, or with `music`, 390 and 490 Hz in turn, until it is resumed."""

    music: bool = False


class RejectBody(CallBody):
    """The SIP status and reason phrase with which to reject a call."""

    status: int = Field(default=486, ge=300, le=699)
    reason: str | None = None


class PressBody(CallBody):
    """DTMF digits to send: 0-9 A-D * #, and `,` for a pause of 1 s."""

    tones: str = Field(examples=["12#"])
    method: PressMethod = "auto"
    duration_ms: int = Field(default=100, ge=20, le=8000)
    gap_ms: int = Field(default=100, ge=0, le=60_000)


class PressLikeBody(CallBody):
    """A bad sender of telephone-events, whose digits are sent as if the phone had sent them."""

    sender: Annotated[str, AfterValidator(_check_sender)] = Field(
        examples=["no-marker"], json_schema_extra={"enum": [*BAD_SENDERS]}
    )
    stream: Stream = "same"


class CodecsBody(CallBody):
    """Codecs to offer, in order of preference."""

    codecs: tuple[AudioCodec, ...] = Field(min_length=1)


class InfoBody(CallBody):
    """The body of a SIP INFO request."""

    content_type: str = Field(examples=["application/dtmf-relay"])
    body: str


class TransferBody(CallBody):
    """The Refer-To URI of a REFER request."""

    to: str = Field(examples=["sip:agent@127.0.0.1:5060"])


class RecordBody(CallBody):
    """Path on the server's machine of the WAV file to write."""

    path: RecordingPath


class CallWaitBody(CallBody, WaitBody):
    """Which call to wait for, and how long."""


class DigitsBody(CallWaitBody):
    """The digits to wait for, by `method` if it is given. Digits that an earlier wait has matched do not count."""

    digits: str = Field(examples=["12#"])
    method: DigitMethod | None = None


class PositionBody(CallWaitBody):
    """The position of the phone's persona to wait for; each field may be a `/pattern/`, and those left out any."""

    branch: str | None = Field(default=None, examples=["support"])
    menu: str | None = None
    step: str | None = None
    text: str | None = None
    digits: str | None = None


class VideoBody(CallWaitBody):
    """How many video frames to wait for, counted from now on."""

    codec: VideoCodec | None = None
    pictures: int = Field(default=5, ge=1)


_WITH_CALL: Mapping[type[Body], type[CallBody]] = {Body: CallBody, WaitBody: CallWaitBody}


def _with_call(body: type[Body]) -> type[CallBody]:
    """The model `body` with the field `sip_call_id` added."""
    if body in _WITH_CALL:
        return _WITH_CALL[body]
    bases: Any = (CallBody, body)
    return cast("type[CallBody]", create_model(f"Call{body.__name__}", __base__=bases, __doc__=body.__doc__))


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of a call. `act` carries it out, and may return fields to add to the response, which shows the call.

    With `ended_too` the verb is also allowed on a call that has ended.
    """

    name: str
    summary: str
    body: type[CallBody]
    act: Callable[[PhoneCall, Any], Awaitable[Result]]
    ended_too: bool = False


async def _press(call: PhoneCall, body: Any) -> None:
    check_digits(body.tones, field="tones", pauses=True)
    await call.press(body.tones, method=body.method, duration_ms=body.duration_ms, gap_ms=body.gap_ms)


async def _press_like(call: PhoneCall, body: Any) -> None:
    await press_like(call, BAD_SENDERS[body.sender], stream=body.stream)


async def _wait_answered(call: PhoneCall, body: Any) -> None:
    await call.wait_answered(within=body.within)


async def _wait_for_end(call: PhoneCall, body: Any) -> None:
    await call.wait_for_end(within=body.within)


async def _expect_persona(call: PhoneCall, body: Any) -> None:
    wanted = {name: getattr(body, name) for name in POSITION_FIELDS}
    await call.expect_persona(**wanted, within=body.within)


async def _expect_video(call: PhoneCall, body: Any) -> Result:
    seen = await call.expect_video(codec=body.codec, pictures=body.pictures, within=body.within)
    return {"video": {"codec": seen.codec, "pictures": seen.pictures, "width": seen.width, "height": seen.height}}


async def _statistics(call: PhoneCall, body: Any) -> Result:
    return {"statistics": (await call.statistics()).model_dump(mode="json")}


_OWN_VERBS = (
    Verb("answer", "Answer a call", CallBody, lambda call, body: call.answer()),
    Verb(
        "ring",
        "Send 180 or 183 for an incoming call",
        RingBody,
        lambda call, body: call.ring(early_media=body.early_media),
    ),
    Verb(
        "reject",
        "Reject a call with any SIP status",
        RejectBody,
        lambda call, body: call.reject(body.status, body.reason),
    ),
    Verb("hangup", "Hang up a call, in any state", CallBody, lambda call, body: call.hang_up()),
    Verb(
        "hold", "Put the peer on hold, with or without music", HoldBody, lambda call, body: call.hold(music=body.music)
    ),
    Verb("resume", "Take the peer off hold", CallBody, lambda call, body: call.resume()),
    Verb(
        "change-codec",
        "Offer other codecs for the rest of the call",
        CodecsBody,
        lambda call, body: call.change_codec(body.codecs),
    ),
    Verb("press", "Send DTMF digits; answers when the last one has ended", PressBody, _press),
    Verb("press-like", "Send digits as a bad sender does; answers after the last packet", PressLikeBody, _press_like),
    Verb(
        "send-info",
        "Send a SIP INFO request with any body",
        InfoBody,
        lambda call, body: call.send_info(body.content_type, body.body),
    ),
    Verb(
        "transfer",
        "Transfer the peer with a REFER request",
        TransferBody,
        lambda call, body: call.transfer(body.to),
    ),
    Verb("stop-playing", "Stop the file that `play` started", CallBody, lambda call, body: call.stop_playing()),
    Verb("record", "Record what is heard to a WAV file", RecordBody, lambda call, body: call.record(body.path)),
    Verb("stop-recording", "Finish the recording", CallBody, lambda call, body: call.stop_recording()),
    Verb("statistics", "The current RTP counters of a call, as `statistics`", CallBody, _statistics),
    Verb("wait-answered", "Wait until a call is answered and its media is active", CallWaitBody, _wait_answered),
    Verb("wait-for-end", "Wait until a call has ended", CallWaitBody, _wait_for_end, ended_too=True),
    Verb(
        "wait-for-digits",
        "Wait for DTMF digits of the peer",
        DigitsBody,
        lambda call, body: call.wait_for_digits(body.digits, method=body.method, within=body.within),
        ended_too=True,
    ),
    Verb(
        "expect-persona", "Wait until the phone's persona is at a step", PositionBody, _expect_persona, ended_too=True
    ),
    Verb("expect-video", "Wait for video frames; what was received is in `video`", VideoBody, _expect_video),
)

CALL_VERBS: tuple[Verb, ...] = (
    *_OWN_VERBS,
    *(Verb(name, summary, _with_call(body), act) for name, summary, body, act in AUDIO_VERBS),
)
