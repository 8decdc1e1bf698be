"""The audio of one live party: the received audio, the send queue, and the pacing of both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from simulator.audio.babble import babble, speaking_seconds, spoken
from simulator.audio.dtmf_tones import dtmf
from simulator.audio.live_sound import LiveSound
from simulator.audio.received_audio import ReceivedAudio
from simulator.audio.samples import FRAME_MS, RATE, Pcm, Signal, as_pcm, check_seconds, faded, mixed
from simulator.audio.send_lead import SOUND_AHEAD, SendLead
from simulator.audio.send_queue import SendQueue, Source
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav
from simulator.audio.words import Words

_TICK_SECONDS = 0.05


class AudioLine:
    """Both directions of a party's audio. Create it on the party's loop, `start` it, and `close` it with a reason.

    Pass received samples to `receive`. From the first queued sound on, each call of `receive` calls `send` once with
    the next 20 ms, so that sending keeps the pace of the far end and no queue builds up on the path.
    """

    def __init__(
        self,
        name: str,
        send: Callable[[Pcm], None],
        *,
        rate: int = RATE,
        latest_records: Callable[[], Iterable[str]] = tuple,
        played: Callable[[], str | None] = lambda: None,
        speech: Words | None = None,
    ) -> None:
        self.name = name
        """The party's name, for error messages."""
        self.received = ReceivedAudio(rate)
        self.send_queue = SendQueue(rate)
        self.latest_records = latest_records
        """Returns the latest timeline records about the party, for error messages."""
        self.played = played
        """Returns what the far end plays instead of a conversation, and why; None if it plays nothing."""
        self.speech = speech
        """Says texts and transcribes what is received; None says texts as babble."""
        self.background: Source | None = None
        """Sound that is added to all that is sent, also while nothing is queued; None for none."""
        self.live: LiveSound | None = None
        """Who talks and listens live; what is said is added to all that is sent. None for nobody."""
        self.close_reason: str | None = None
        """Why the line is closed; None while it is open."""
        self.muted = False
        """Whether the queued sounds wait, and silence or `hold_music` is sent."""
        self.hold_music: Source | None = None
        """What is sent while the line is muted; None: silence."""
        self.in_band_position = 0
        """Position in `received` up to which expectations have matched in-band digits."""
        self._send = send
        self._has_sent = False
        self._lead = SendLead()
        self._unheard = 0
        """Frames until the other side has taken the newest sound that was sent."""
        self._silence = np.zeros(rate * FRAME_MS // 1000, np.int16)
        self._clock: asyncio.Task[None] | None = None

    @property
    def rate(self) -> int:
        """Samples per second, in both directions."""
        return self.received.rate

    def start(self) -> None:
        """Start the clock that fills missing frames with silence and wakes waiters."""
        self._clock = asyncio.create_task(self._tick(), name=f"audio of {self.name}")

    def close(self, reason: str) -> None:
        """Stop both directions. Received audio can still be examined; waits for more audio fail with `reason`."""
        if self.close_reason is None:
            self.close_reason = reason
            self.send_queue.clear()
            self.received.changes.notify()
            if self._clock is not None:
                self._clock.cancel()
            if self.live is not None:
                self.live.end(reason)

    def forget(self, because: str) -> None:
        """Drop the received audio of a closed line; expectations fail with the reason."""
        self.close_reason = f"{self.close_reason}; {because}"
        self.received.drop()

    # --- sending ---------------------------------------------------------------------------------------------

    async def say(self, what: str | float, dbfs: float = -20) -> None:
        """Queue speech: a text in the voice of `speech`, or so many seconds of speech without words.

        Raises ConfigurationError for a blank text, and for more than 600 seconds.
        """
        if self.speech is not None and isinstance(what, str):
            self.send_queue.add(await self.speech.say(what, dbfs, self.rate))
            return
        self.send_queue.add(await asyncio.to_thread(_synthetic_speech, what, dbfs, self.rate))  # 1 s for 100 s of it

    def hum(self, hz: float, seconds: float | None = None, dbfs: float = -20) -> None:
        """Queue a tone of `hz` at `dbfs` for `seconds`; None: until another sound is queued.

        Raises ConfigurationError unless `hz` is from 20 to half of the sampling rate, and for more than 600 seconds.
        """
        if seconds is None:
            self.send_queue.add_tone(hz, dbfs)
        else:
            self.send_queue.add(faded(tone(hz, check_seconds(seconds), dbfs, rate=self.rate), self.rate))

    def play_file(self, path: str | Path) -> None:
        """Queue the audio of a WAV file. Raises ConfigurationError if the file cannot be read."""
        self.send_queue.add(read_wav(path, rate=self.rate)[0])

    def send_in_band_digits(self, digits: str, duration_ms: float = 100, gap_ms: float = 100) -> None:
        """Queue the tones of DTMF digits (ITU-T Q.23), with `gap_ms` of silence after each, for at most 600 seconds."""
        if digits:
            check_seconds(len(digits) * (duration_ms + gap_ms) / 1000, "the digits")
        self.send_queue.add(dtmf(digits, duration_ms=duration_ms, gap_ms=gap_ms, rate=self.rate))

    async def all_sent(self, *, within: float) -> bool:
        """Wait until all sounds have been sent and taken; False if they are not after `within` seconds."""

        def is_sent() -> bool | None:
            taken = not self._unheard or self.close_reason is not None
            return True if taken and not self.send_queue else None

        return bool(await self.send_queue.changes.until(is_sent, within=within))

    # --- frames ----------------------------------------------------------------------------------------------

    def receive(self, sound: Pcm) -> None:
        """Add samples that the party has received, and send as many frames as these are; see `SendLead`."""
        self.received.receive(sound)
        if self.live is not None:
            self.live.hear(sound)
        received = max(1, len(sound) // len(self._silence))
        self._unheard = max(0, self._unheard - received)
        added = self.live is not None or self.background is not None
        has_sound = self.send_queue or self.hold_music or self._has_sent or added
        if self.close_reason is None and has_sound:
            self._has_sent = True
            frames = self._lead.frames_for(received, at_least=0 if self.muted or not self.send_queue else SOUND_AHEAD)
            for waiting in range(self._lead.ahead + 1 - frames, self._lead.ahead + 1):
                self._send(self._held_frame() if self.muted else self._next_frame(waiting))
        if not self._unheard:
            self.send_queue.changes.notify()

    def _held_frame(self) -> Pcm:
        if self.live is not None:
            self.live.take(len(self._silence))  # what is said meanwhile is lost
        return self._silence if self.hold_music is None else self.hold_music.take(len(self._silence))

    def _next_frame(self, waiting: int) -> Pcm:
        """The next frame, which the other side takes after the `waiting` ones that it has."""
        if self.send_queue:
            self._unheard = waiting + 1
        frame = self.send_queue.next_frame(due=time.monotonic() + waiting * FRAME_MS / 1000)
        added = [source.take(len(frame)) for source in (self.background, self.live) if source is not None]
        return as_pcm(mixed(frame, *added)) if added else frame

    async def _tick(self) -> None:
        while True:
            self.received.tick()
            await asyncio.sleep(_TICK_SECONDS)


def _synthetic_speech(what: str | float, dbfs: float, rate: int) -> Signal:
    if isinstance(what, str):
        check_seconds(speaking_seconds(what), "what")
        return spoken(what, dbfs=dbfs, rate=rate)
    return babble(check_seconds(what, "what"), dbfs, seed=round(what * 1000), rate=rate)
