"""The audio methods that phone calls and room clients have in common. This module loads numpy with their first use."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from simulator.audio.party import AnyParty, async_form
from simulator.errors import ExpectationFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine


class SoundVerbs:
    """Mixin: what a party says and what it should hear, by the `AudioLine` that the party provides.

    Sounds are sent one after the other. The methods return once a sound is queued; `finish_talking` waits for the end.
    Expectations consider what is heard after their call, and raise ExpectationFailed with the audio kept as a file.
    """

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop that the party's methods run on."""
        raise NotImplementedError

    async def audio_line(self) -> AudioLine:
        """The party's audio in both directions; the first call opens it."""
        raise NotImplementedError

    async def _sending_line(self) -> AudioLine:
        """The audio line, ready to send. Parties that have to enable sending do it here."""
        return await self.audio_line()

    def _record_sound(self, action: str, **fields: Any) -> None:
        """Record what the party says or hears. Parties without records do nothing."""

    # --- sending ---------------------------------------------------------------------------------------------

    @on_owner_loop
    async def say(self, what: str | float, *, dbfs: float = -20) -> None:
        """Say a text, or talk for so many seconds, in synthetic speech without words.

        A text takes as long as saying it would; the same text always sounds the same.
        """
        await (await self._sending_line()).say(what, dbfs)
        self._record_sound("says", what=what if isinstance(what, str) else f"{what:g} s")

    @on_owner_loop
    async def hum(self, hz: float, *, seconds: float | None = None, dbfs: float = -20) -> None:
        """Send a tone for so many seconds, or until another sound is sent."""
        (await self._sending_line()).hum(hz, seconds, dbfs)
        self._record_sound("hums", hz=hz, seconds=seconds)

    @on_owner_loop
    async def hush(self) -> None:
        """Stop the current sound and discard the queued ones, in-band digits among them."""
        (await self.audio_line()).send_queue.clear()
        self._record_sound("is silent")

    @on_owner_loop
    async def finish_talking(self, *, within: float = 30) -> None:
        """Wait until all queued sounds have been sent. A tone without end never is."""
        line = await self.audio_line()
        if not await line.all_sent(within=within):
            raise ExpectationFailed(
                f"{line.name} has said everything  within {within:g} s",
                nearest=f"{len(line.send_queue)} sounds are still to be sent",
                because=line.close_reason,
                happened=line.latest_records(),
            )

    # --- receiving -------------------------------------------------------------------------------------------

    @on_owner_loop
    async def listen(self) -> None:
        """Start to receive audio. The other audio methods do so themselves."""
        await self.audio_line()

    @on_owner_loop
    async def expect_tone(self, hz: float, *, within: float = 5) -> None:
        """Wait until a tone sounds for 0.3 s, alone or among others."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_tones(line, (hz,), alone=False, within=within)
        self._record_sound("hears tones", hz=(hz,))

    @on_owner_loop
    async def expect_tones(self, frequencies: Collection[float], *, within: float = 5) -> None:
        """Wait until exactly these tones sound together for 0.3 s: none is missing, and there is no other."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_tones(line, frequencies, alone=True, within=within)
        self._record_sound("hears tones", hz=tuple(sorted(frequencies)))

    @on_owner_loop
    async def expect_silence(self, seconds: float = 1, *, within: float | None = None, below_dbfs: float = -50) -> None:
        """Wait for so many seconds of silence, which must begin within 3 s unless `within` is given."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_silence(line, seconds, within=within, below_dbfs=below_dbfs)
        self._record_sound("hears silence", seconds=seconds)

    @on_owner_loop
    async def expect_speech(self, *, within: float = 5) -> None:
        """Wait until speech is heard."""
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_speech(line, within=within)
        self._record_sound("hears speech")

    @on_owner_loop
    async def expect_in_band_digits(self, digits: str, *, within: float = 5) -> None:
        """Wait until the next digits heard as tones are exactly these; fail at the first different one.

        Digits heard since the first audio method of this party count, too.
        """
        from simulator.audio import expectations

        line = await self.audio_line()
        await expectations.expect_in_band_digits(line, digits, within=within)
        self._record_sound("hears keys", digits=digits)

    @on_owner_loop
    async def expect_latency(self, to: AnyParty, *, at_most_ms: float | None = None, within: float = 5) -> float:
        """Measure with three chirps how long audio takes to `to`, a phone's call or a client: the median in ms.

        Fails when it is above `at_most_ms`.
        """
        from simulator.audio import expectations

        line = await self._sending_line()
        ms = await expectations.expect_latency(line, async_form(to), at_most_ms=at_most_ms, within=within)
        self._record_sound("is heard", after_ms=round(ms))
        return ms
