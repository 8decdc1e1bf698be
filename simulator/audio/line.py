"""A party's end of a conversation: an ear, a mouth, and the clock that moves both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import numpy as np

from simulator.audio import expectations
from simulator.audio.dtmf_tones import dtmf
from simulator.audio.ear import Ear
from simulator.audio.mouth import Mouth
from simulator.audio.party import AudioParty
from simulator.audio.samples import FRAME_MS, RATE, Pcm, Signal, faded
from simulator.audio.speech import babble, spoken
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav
from simulator.errors import ConfigurationError

_TICK = 0.05


class Line:
    """Made on the party's loop; `start` it, and `close` it with the reason when the party is gone.

    `hear` takes what the party hears; `send` is given what it says, from the first word on, 20 ms at a time: one frame
    for each that was heard, so that it keeps the pace of the far end and nothing waits in a queue.
    """

    def __init__(
        self,
        name: str,
        send: Callable[[Pcm], None],
        *,
        rate: int = RATE,
        told: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.name = name
        self.ear = Ear(rate)
        self.mouth = Mouth(rate)
        self.told = told
        """The latest happenings, for the story of a failure."""
        self.closed: str | None = None
        """Why nothing is heard any more."""
        self.muted = False
        """As long as it is, silence is sent, and what is to be said waits."""
        self.keys_until = 0
        """Position in the ear up to which in-band digits were taken."""
        self._send = send
        self._spoken = False
        self._silence = np.zeros(rate * FRAME_MS // 1000, np.int16)
        self._clock: asyncio.Task[None] | None = None

    @property
    def rate(self) -> int:
        """Samples per second, both ways."""
        return self.ear.rate

    def start(self) -> None:
        """Begin to hear, and to say what is to be said."""
        self._clock = asyncio.create_task(self._run(), name=f"audio of {self.name}")

    def close(self, because: str) -> None:
        """Stop. What was heard can still be looked at; who waits for more fails with the reason."""
        if self.closed is None:
            self.closed = because
            self.mouth.hush()
            self.ear.changes.notify()
            if self._clock is not None:
                self._clock.cancel()

    # --- to say ----------------------------------------------------------------------------------------------

    async def say(self, what: str | float, dbfs: float = -20) -> None:
        """Say a stand-in for a text, or so many seconds of babble, after what is being said."""
        self.mouth.say(await asyncio.to_thread(_made_up, what, dbfs, self.rate))  # takes 1 s for 100 s of it

    def hum(self, hz: float, seconds: float | None = None, dbfs: float = -20) -> None:
        """Hum a tone after what is being said: so many seconds, or until there is something else to say."""
        if seconds is None:
            self.mouth.hum(hz, dbfs)
        else:
            self.mouth.say(faded(tone(hz, seconds, dbfs, rate=self.rate), self.rate))

    def play_file(self, path: str | Path) -> None:
        """Say what a WAV file has. ConfigurationError when it cannot be read."""
        self.mouth.say(read_wav(path, rate=self.rate)[0])

    def press(self, digits: str, duration_ms: float = 100, gap_ms: float = 100) -> None:
        """Press keys that are heard as tones."""
        self.mouth.say(dtmf(digits, duration_ms=duration_ms, gap_ms=gap_ms, rate=self.rate))

    async def finish_talking(self, *, within: float) -> bool:
        """Whether all that was to be said was said within so many seconds, or the line was closed."""
        silent = await self.mouth.changes.until(lambda: None if self.mouth.talking else True, within=within)
        return bool(silent)

    # --- to hear: see `expectations` -------------------------------------------------------------------------

    async def expect_tone(self, hz: float, *, within: float) -> None:
        """One tone, alone or among others."""
        await expectations.expect_tones(self, (hz,), alone=False, within=within)

    async def expect_tones(self, frequencies: Collection[float], *, within: float) -> None:
        """Exactly these tones."""
        await expectations.expect_tones(self, frequencies, alone=True, within=within)

    async def expect_silence(self, seconds: float, *, within: float | None, below_dbfs: float) -> None:
        """So many seconds of silence, by default begun within 3 s."""
        limit = seconds + 3 if within is None else within
        await expectations.expect_silence(self, seconds, within=limit, below_dbfs=below_dbfs)

    async def expect_speech(self, *, within: float) -> None:
        """Somebody talks."""
        await expectations.expect_speech(self, within=within)

    async def expect_keys(self, digits: str, *, within: float) -> None:
        """These keys as tones, next and in this order."""
        await expectations.expect_keys(self, digits, within=within)

    async def expect_latency(self, to: AudioParty, *, at_most_ms: float | None, within: float) -> float:
        """Milliseconds from this mouth to the other's ear."""
        return await expectations.expect_latency(self, to, at_most_ms=at_most_ms, within=within)

    # --- frames ----------------------------------------------------------------------------------------------

    def hear(self, sound: Pcm) -> None:
        """Take in what came, and say the next frame."""
        self.ear.hear(sound)
        if self.closed is None and (self.mouth.talking or self._spoken):
            self._spoken = True
            self._send(self._silence if self.muted else self.mouth.frame())

    async def _run(self) -> None:
        while True:
            self.ear.tick()
            await asyncio.sleep(_TICK)


def _made_up(what: str | float, dbfs: float, rate: int) -> Signal:
    if isinstance(what, str):
        return spoken(what, dbfs=dbfs, rate=rate)
    if what <= 0:
        raise ConfigurationError("what", what, "a text, or seconds")
    return babble(what, dbfs, seed=round(what * 1000), rate=rate)
