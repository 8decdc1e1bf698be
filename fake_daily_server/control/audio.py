"""Audio verbs over HTTP, the same for the call of a phone and for a scripted participant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field

from fake_daily_server.control.routes import LONGEST_WAIT_MS, Body, WaitBody, WithinMs

Dbfs = Annotated[float, Field(ge=-90, le=0, description="Level, in dB below full scale.")]
Hz = Annotated[float, Field(gt=0, lt=8000)]
Seconds = Annotated[float, Field(gt=0, le=600)]

Result = Mapping[str, Any] | None


class AudioParty(Protocol):
    """A party that sends and hears audio: `PhoneCall` or `Client`."""

    async def say(self, what: str | float, *, dbfs: float = -20) -> None: ...
    async def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None: ...
    async def play(self, path: str | Path) -> None: ...
    async def hush(self) -> None: ...
    async def finish_talking(self, *, within: float = 30) -> None: ...
    async def listen(self) -> None: ...
    async def expect_tone(self, hz: float, *, within: float = 5) -> None: ...
    async def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None: ...
    async def expect_silence(
        self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50
    ) -> None: ...
    async def expect_speech(self, *, within: float = 5) -> None: ...
    async def expect_words(self, words: str, *, within: float = 10) -> str: ...
    async def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None: ...


class SayBody(Body):
    """What to say in synthetic speech without words: a text, which sets its length, or the length in seconds."""

    what: str | Seconds = Field(examples=["Hello, who is there?"])
    dbfs: Dbfs = -20


class HumBody(Body):
    """A tone to send for `seconds`, or until other audio is sent if `seconds` is absent."""

    hz: Hz = Field(examples=[440])
    seconds: Seconds | None = None
    dbfs: Dbfs = -20


class PlayBody(Body):
    """A WAV file (16-bit PCM) on the server's machine, to be sent."""

    path: Path


class ToneBody(WaitBody):
    """A tone to wait for. Other tones may sound at the same time."""

    hz: Hz = Field(examples=[440])


class TonesBody(WaitBody):
    """Tones to wait for: exactly these, at the same time."""

    hz: tuple[Hz, ...] = Field(examples=[[440, 660]])


class SilenceBody(Body):
    """Seconds of uninterrupted silence to wait for. They must begin within 3 s, unless `within_ms` is given."""

    seconds: float = Field(default=1, gt=0, le=LONGEST_WAIT_MS / 1000)
    within_ms: WithinMs | None = None
    below_dbfs: Dbfs = -50


class WordsBody(WaitBody):
    """Words to wait for: a text, in any case, or a pattern."""

    words: str = Field(examples=["/appointment/i"])


class InBandDigitsBody(WaitBody):
    """In-band DTMF digits to wait for."""

    digits: str = Field(examples=["12#"])


async def _expect_silence(party: AudioParty, body: Any) -> None:
    within = None if body.within_ms is None else body.within_ms / 1000
    await party.expect_silence(body.seconds, within=within, below_dbfs=body.below_dbfs)


async def _expect_words(party: AudioParty, body: Any) -> Result:
    return {"words": await party.expect_words(body.words, within=body.within)}


AUDIO_VERBS: tuple[tuple[str, str, type[Body], Callable[[AudioParty, Any], Awaitable[Result]]], ...] = (
    ("say", "Speak; answers at once", SayBody, lambda party, body: party.say(body.what, dbfs=body.dbfs)),
    (
        "hum",
        "Send a tone; answers at once",
        HumBody,
        lambda party, body: party.hum(body.hz, seconds=body.seconds, dbfs=body.dbfs),
    ),
    ("play", "Send the audio of a WAV file; answers at once", PlayBody, lambda party, body: party.play(body.path)),
    ("hush", "Stop sending audio", Body, lambda party, body: party.hush()),
    (
        "finish-talking",
        "Wait until all audio was sent",
        WaitBody,
        lambda party, body: party.finish_talking(within=body.within),
    ),
    (
        "listen",
        "Start to record what is heard, as all audio verbs do",
        Body,
        lambda party, body: party.listen(),
    ),
    (
        "expect-tone",
        "Wait for a tone of 0.3 s, from now on",
        ToneBody,
        lambda party, body: party.expect_tone(body.hz, within=body.within),
    ),
    (
        "expect-tones",
        "Wait for exactly these tones at the same time, from now on",
        TonesBody,
        lambda party, body: party.expect_tones(body.hz, within=body.within),
    ),
    ("expect-silence", "Wait for so many seconds of silence", SilenceBody, _expect_silence),
    (
        "expect-speech",
        "Wait until speech is heard, from now on",
        WaitBody,
        lambda party, body: party.expect_speech(within=body.within),
    ),
    (
        "expect-words",
        "Wait for words, with the setting `transcriber`; all that was heard is in `words`",
        WordsBody,
        _expect_words,
    ),
    (
        "expect-in-band-digits",
        "Wait for DTMF digits heard as tones, since the first audio verb",
        InBandDigitsBody,
        lambda party, body: party.expect_in_band_digits(body.digits, within=body.within),
    ),
)
"""Each verb: its name in the path, its summary, the model of its body, and what carries it out.

What carries it out may return fields to add to the response.
"""
