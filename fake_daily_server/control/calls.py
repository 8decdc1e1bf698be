"""What can be done with one call of a phone, as a table of verbs: each is a POST below the phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import Field, create_model

from fake_daily_server.control.route import Body, WaitBody
from fake_daily_server.control.sound import SOUND_VERBS
from simulator.dtmf import check_digits
from simulator.phone_call import PhoneCall, PressMethod
from simulator.useragent.messages import AudioCodec, DigitMethod, VideoCodec


class CallBody(Body):
    """Which call of the phone is meant; the newest one that is not over when absent."""

    sip_call_id: str | None = None


class RingBody(CallBody):
    """180 Ringing, or 183 Session Progress with media."""

    early_media: bool = False


class RejectBody(CallBody):
    """How a call is refused."""

    status: int = Field(default=486, ge=300, le=699)
    reason: str | None = None


class PressBody(CallBody):
    """Keys to press, as 0-9 A-D * # and `,` for a pause of 1 s."""

    tones: str = Field(examples=["12#"])
    method: PressMethod = "auto"
    duration_ms: int = Field(default=100, ge=20, le=8000)
    gap_ms: int = Field(default=100, ge=0, le=60_000)


class CodecsBody(CallBody):
    """Codecs in order of preference."""

    codecs: tuple[AudioCodec, ...] = Field(min_length=1)


class InfoBody(CallBody):
    """A SIP INFO."""

    content_type: str = Field(examples=["application/dtmf-relay"])
    body: str


class TransferBody(CallBody):
    """Where the other side shall go."""

    to: str = Field(examples=["sip:agent@127.0.0.1:5060"])


class RecordBody(CallBody):
    """A WAV file to be written on the server's machine."""

    path: Path


class CallWaitBody(CallBody, WaitBody):
    """A wait for something on a call."""


class DigitsBody(CallWaitBody):
    """The keys that come next, by `method` when given; those matched before are not looked at again."""

    digits: str = Field(examples=["12#"])
    method: DigitMethod | None = None


class VideoBody(CallWaitBody):
    """So many pictures from now on."""

    codec: VideoCodec | None = None
    pictures: int = Field(default=5, ge=1)


_OF_A_CALL: Mapping[type[Body], type[CallBody]] = {Body: CallBody, WaitBody: CallWaitBody}


def _of_a_call(body: type[Body]) -> type[CallBody]:
    if body in _OF_A_CALL:
        return _OF_A_CALL[body]
    bases: Any = (CallBody, body)
    return cast("type[CallBody]", create_model(f"Call{body.__name__}", __base__=bases, __doc__=body.__doc__))


Result = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Verb:
    """`act` does it, and may add to the answer, which is the call; with `over_too` to calls that are over."""

    name: str
    summary: str
    body: type[CallBody]
    act: Callable[[PhoneCall, Any], Awaitable[Result]]
    over_too: bool = False


async def _press(call: PhoneCall, body: Any) -> None:
    check_digits(body.tones, field="tones", pauses=True)
    await call.press(body.tones, method=body.method, duration_ms=body.duration_ms, gap_ms=body.gap_ms)


async def _wait_answered(call: PhoneCall, body: Any) -> None:
    await call.wait_answered(within=body.within)


async def _wait_for_end(call: PhoneCall, body: Any) -> None:
    await call.wait_for_end(within=body.within)


async def _expect_video(call: PhoneCall, body: Any) -> Result:
    seen = await call.expect_video(codec=body.codec, pictures=body.pictures, within=body.within)
    return {"video": {"codec": seen.codec, "pictures": seen.pictures, "width": seen.width, "height": seen.height}}


async def _statistics(call: PhoneCall, body: Any) -> Result:
    return {"statistics": (await call.statistics()).model_dump(mode="json")}


_OWN_VERBS = (
    Verb("answer", "Pick up", CallBody, lambda call, body: call.answer()),
    Verb("ring", "Ring", RingBody, lambda call, body: call.ring(early_media=body.early_media)),
    Verb(
        "reject",
        "Refuse a call with any SIP status",
        RejectBody,
        lambda call, body: call.reject(body.status, body.reason),
    ),
    Verb("hangup", "End a call in whatever state it is", CallBody, lambda call, body: call.hang_up()),
    Verb("hold", "Put the other side on hold", CallBody, lambda call, body: call.hold()),
    Verb("resume", "Take the other side off hold", CallBody, lambda call, body: call.resume()),
    Verb(
        "change-codec",
        "Offer other codecs for the rest of the call",
        CodecsBody,
        lambda call, body: call.change_codec(body.codecs),
    ),
    Verb("press", "Press keys; answers when the last one is released", PressBody, _press),
    Verb(
        "send-info",
        "Send a SIP INFO with any body",
        InfoBody,
        lambda call, body: call.send_info(body.content_type, body.body),
    ),
    Verb(
        "transfer",
        "Send the other side elsewhere with a REFER",
        TransferBody,
        lambda call, body: call.transfer(body.to),
    ),
    Verb("record", "Record what is heard to a WAV file", RecordBody, lambda call, body: call.record(body.path)),
    Verb("stop-recording", "Finish the recording", CallBody, lambda call, body: call.stop_recording()),
    Verb("statistics", "RTP counters of this moment, as `statistics`", CallBody, _statistics),
    Verb("wait-answered", "Wait until the call is answered and its media is up", CallWaitBody, _wait_answered),
    Verb("wait-for-end", "Wait until the call is over", CallWaitBody, _wait_for_end, over_too=True),
    Verb(
        "wait-for-digits",
        "Wait for keys of the other side",
        DigitsBody,
        lambda call, body: call.wait_for_digits(body.digits, method=body.method, within=body.within),
        over_too=True,
    ),
    Verb("expect-video", "Wait for pictures; what was seen is in `video`", VideoBody, _expect_video),
)

CALL_VERBS: tuple[Verb, ...] = (
    *_OWN_VERBS,
    *(Verb(name, summary, _of_a_call(body), act) for name, summary, body, act in SOUND_VERBS),
)
