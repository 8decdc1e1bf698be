"""The audio methods common to phone calls and room clients. numpy is imported at their first use."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from simulator.audio.party import AnyParty, async_form
from simulator.errors import ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine


class SoundVerbs:
    """Mixin: the audio methods of a party, which provides the `AudioLine`.

    Sounds are sent one after another. Methods that send return once the sound is queued; `finish_talking` waits for the
    end. Expectations consider audio received after their call; their ExpectationFailed names a file with the audio.
    """

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the party's methods run."""
        raise NotImplementedError

    async def audio_line(self) -> AudioLine:
        """Return the party's audio line, for both directions; the first call opens it."""
        raise NotImplementedError

    async def _sending_line(self) -> AudioLine:
        """Return the audio line, ready to send. Parties that must first enable sending override this."""
        return await self.audio_line()

    def _record_sound(self, action: str, **fields: Any) -> None:
        """Record what the party says or hears on the timeline. Does nothing unless a subclass overrides it."""

    # --- sending ---------------------------------------------------------------------------------------------

    @on_owner_loop
    async def say(self, what: str | float, *, dbfs: float = -20) -> None:
        """Say a text in the network's voice, or send so many seconds of speech without words.

        The voice is babble without words unless another one is installed or set. The same text gives the same sound.
        """
        await (await self._sending_line()).say(what, dbfs)
        self._record_sound("says", what=what if isinstance(what, str) else f"{what:g} s")

    @on_owner_loop
    async def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None:
        """Send a tone of `hz` for `seconds`; by default until another sound is sent."""
        (await self._sending_line()).hum(hz, seconds, dbfs)
        self._record_sound("hums", hz=hz, seconds=seconds)

    @on_owner_loop
    async def hush(self) -> None:
        """Stop the current sound and discard the queued ones, including in-band digits."""
        (await self.audio_line()).send_queue.clear()
        self._record_sound("is silent")

    @on_owner_loop
    async def finish_talking(self, *, within: float = 30) -> None:
        """Wait until all queued sounds have been sent.

        Raises ExpectationFailed after `within` seconds, which always happens if the last sound is a tone without end;
        `hush` ends it.
        """
        line = await self.audio_line()
        if not await line.all_sent(within=within):
            raise ExpectationFailed(
                f"{line.name} has said everything  within {within:g} s",
                nearest=f"sounds still to be sent: {len(line.send_queue)}",
                because=line.close_reason,
                happened=line.latest_records(),
            )

    # --- receiving -------------------------------------------------------------------------------------------

    @on_owner_loop
    async def listen(self) -> None:
        """Start receiving audio. The other audio methods do this implicitly."""
        await self.audio_line()

    @on_owner_loop
    async def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """Wait until a tone of `hz` sounds for 0.3 s, alone or among others. Raises ExpectationFailed."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_tones(line, (hz,), alone=False, within=within)
        self._record_sound("hears tones", hz=(hz,))

    @on_owner_loop
    async def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None:
        """Wait until tones of exactly these frequencies in Hz sound together for 0.3 s. Raises ExpectationFailed."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_tones(line, frequencies, alone=True, within=within)
        self._record_sound("hears tones", hz=tuple(sorted(frequencies)))

    @on_owner_loop
    async def expect_silence(self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50) -> None:
        """Wait until the party hears `seconds` of silence: every frame of 20 ms is quieter than `below_dbfs`.

        The silence must end within `within` seconds; without `within`, it must begin within 3 s. Raises
        ExpectationFailed, and ConfigurationError unless `seconds` is more than 0 and at most `within`.
        """
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_silence(line, seconds, within=within, below_dbfs=below_dbfs)
        self._record_sound("hears silence", seconds=seconds)

    @on_owner_loop
    async def expect_speech(self, *, within: float = 5) -> None:
        """Wait until the party hears speech. Raises ExpectationFailed after `within` seconds."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_speech(line, within=within)
        self._record_sound("hears speech")

    @on_owner_loop
    async def expect_words(self, words: str, *, within: float = 10) -> str:
        """Wait until the party hears these words, a text or `/pattern/i`; return all that it has heard.

        The function of the setting `transcriber` finds them. Raises ExpectationFailed, and ConfigurationError without
        a transcriber.
        """
        from simulator.audio import expectations

        line = await self.audio_line()
        heard = await expectations.expect_words(line, words, within=within)
        self._record_sound("hears words", words=heard)
        return heard

    @on_owner_loop
    async def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None:
        """Wait until the next in-band digits are exactly these. Raises ExpectationFailed at the first mismatch.

        Digits received since the party's first audio method, at most 20 s ago, count, too.
        """
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_in_band_digits(line, digits, within=within)
        self._record_sound("hears in-band digits", digits=digits)

    @on_owner_loop
    async def expect_latency(self, to: AnyParty, *, at_most_ms: float | None = None, within: float = 5) -> float:
        """Measure the latency of audio to `to`, a phone's call or a client: the median of three chirps, in ms.

        Raises ExpectationFailed if the median is above `at_most_ms`, or a chirp is not heard within `within` seconds.
        """
        from simulator.audio import expectations

        line = await self._sending_line()
        ms = await expectations.expect_latency(line, async_form(to), at_most_ms=at_most_ms, within=within)
        self._record_sound("is heard", after_ms=round(ms))
        return ms
