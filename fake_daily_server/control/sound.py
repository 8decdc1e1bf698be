"""The verbs of sound over HTTP, the same for a phone's call and for a scripted participant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field

from fake_daily_server.control.route import Body, WaitBody, WithinMs

Dbfs = Annotated[float, Field(ge=-90, le=0, description="Level, in dB below full scale.")]
Hz = Annotated[float, Field(gt=0, lt=8000)]


class Party(Protocol):
    """Whoever says and hears something: `PhoneCall` and `Client` both."""

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
    async def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None: ...


class SayBody(Body):
    """A text, of which a stand-in is said as long as saying it takes, or so many seconds of babble."""

    what: str | Annotated[float, Field(gt=0)] = Field(examples=["Hello, who is there?"])
    dbfs: Dbfs = -20


class HumBody(Body):
    """A tone, for so many seconds or until something else is said."""

    hz: Hz = Field(examples=[440])
    seconds: Annotated[float, Field(gt=0)] | None = None
    dbfs: Dbfs = -20


class PlayBody(Body):
    """A WAV file (16-bit PCM) on the server's machine."""

    path: Path


class ToneBody(WaitBody):
    """A tone, alone or among others."""

    hz: Hz = Field(examples=[440])


class TonesBody(WaitBody):
    """Exactly these tones at once."""

    hz: tuple[Hz, ...] = Field(examples=[[440, 660]])


class SilenceBody(Body):
    """Nothing is heard for so many seconds on end, which begin within 3 s when `within_ms` is left out."""

    seconds: Annotated[float, Field(gt=0)] = 1
    within_ms: WithinMs | None = None
    below_dbfs: Dbfs = -50


class InBandDigitsBody(WaitBody):
    """Keys that are heard as tones."""

    digits: str = Field(examples=["12#"])


async def _expect_silence(party: Party, body: Any) -> None:
    within = None if body.within_ms is None else body.within_ms / 1000
    await party.expect_silence(body.seconds, within=within, below_dbfs=body.below_dbfs)


SOUND_VERBS: tuple[tuple[str, str, type[Body], Callable[[Party, Any], Awaitable[None]]], ...] = (
    ("say", "Talk; answers at once", SayBody, lambda party, body: party.say(body.what, dbfs=body.dbfs)),
    (
        "hum",
        "A tone; answers at once",
        HumBody,
        lambda party, body: party.hum(body.hz, seconds=body.seconds, dbfs=body.dbfs),
    ),
    ("play", "Say what a WAV file has; answers at once", PlayBody, lambda party, body: party.play(body.path)),
    ("hush", "Stop talking, humming and playing", Body, lambda party, body: party.hush()),
    (
        "finish-talking",
        "Wait until all was said",
        WaitBody,
        lambda party, body: party.finish_talking(within=body.within),
    ),
    ("listen", "Begin to keep what is heard; other verbs of sound do so too", Body, lambda party, body: party.listen()),
    (
        "expect-tone",
        "Wait for a tone of 0.3 s, from now on",
        ToneBody,
        lambda party, body: party.expect_tone(body.hz, within=body.within),
    ),
    (
        "expect-tones",
        "Wait for exactly these tones at once, from now on",
        TonesBody,
        lambda party, body: party.expect_tones(body.hz, within=body.within),
    ),
    ("expect-silence", "Wait for so many seconds of silence", SilenceBody, _expect_silence),
    (
        "expect-speech",
        "Wait until somebody is heard to talk, from now on",
        WaitBody,
        lambda party, body: party.expect_speech(within=body.within),
    ),
    (
        "expect-in-band-digits",
        "Wait for keys heard as tones, since the first verb of sound",
        InBandDigitsBody,
        lambda party, body: party.expect_in_band_digits(body.digits, within=body.within),
    ),
)
"""Path, summary, body, and what is done."""
