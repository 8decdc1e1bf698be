"""The speech of a network: the voice that says texts, and the function that transcribes what was heard."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import ConfigurationError
from simulator.timeline import Timeline

if TYPE_CHECKING:
    from simulator.audio.samples import Pcm, Signal
    from simulator.speech.voice_setting import VoiceSetting
    from simulator.speech.voices import Voice

Transcriber = Callable[["Pcm", int], str]
"""A function of the user's: 16-bit mono samples, shape (samples,), and their rate in Hz; returns the words."""
_FORM = "module:function, a function of yours that gets samples (int16) and their rate, and returns the words"


class Speech:
    """Says texts and transcribes sound. Loads numpy, and starts a voice, at the first use."""

    def __init__(self, timeline: Timeline, voice: VoiceSetting, transcriber: str | None) -> None:
        """`transcriber` is `module:function`; it is imported at its first use."""
        self._timeline = timeline
        self._setting = voice
        self._transcriber = transcriber
        self._voice: Voice | None = None
        self._transcribe: Transcriber | None = None

    @property
    def transcribes(self) -> bool:
        """Whether there is a transcriber."""
        return self._transcriber is not None

    async def say(self, text: str, dbfs: float, rate: int) -> Signal:
        """Return a text as samples at `rate`, with the level `dbfs`.

        Raises ConfigurationError for a blank text, one of more than 600 seconds, and if the voice fails.
        """
        from simulator.audio.babble import speaking_seconds  # noqa: PLC0415  # loads numpy
        from simulator.audio.samples import check_seconds  # noqa: PLC0415
        from simulator.speech import voices  # noqa: PLC0415

        if not text.strip():
            raise ConfigurationError("text", text, "a text that is not blank")
        check_seconds(speaking_seconds(text), "text")
        if self._voice is None:
            self._voice = self._chosen()
        signal = await self._voice.say(text, rate=rate)
        return await asyncio.to_thread(voices.at_level, signal, rate, dbfs)

    async def transcribe(self, sound: Pcm, rate: int) -> str:
        """Return the words in a sound. Raises ConfigurationError without a transcriber."""
        if self._transcribe is None:
            self._transcribe = self._imported()
        return await asyncio.to_thread(self._transcribe, sound, rate)

    async def close(self) -> None:
        """End the voice."""
        if self._voice is not None:
            await self._voice.close()
            self._voice = None

    def _chosen(self) -> Voice:
        from simulator.speech import voices  # noqa: PLC0415  # loads numpy

        if not isinstance(self._setting, str):
            return voices.ProgramVoice(self._setting.command)
        is_installed = voices.EspeakVoice.is_installed()
        if self._setting == "espeak" and not is_installed:
            raise ConfigurationError("voice", "espeak", f"a voice that is installed: pip install '{voices.EXTRA}'")
        if self._setting != "babble" and is_installed:
            return voices.EspeakVoice()
        if self._setting == "auto":
            text = f"texts are said as babble, without words; pip install '{voices.EXTRA}', or set `voice`, for words"
            self._timeline.append("note", text=text)
        return voices.BabbleVoice()

    def _imported(self) -> Transcriber:
        if self._transcriber is None:
            raise ConfigurationError("transcriber", None, f"{_FORM}; none comes with the project")
        module, _, name = self._transcriber.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as failure:
            raise ConfigurationError("transcriber", self._transcriber, f"{_FORM} ({failure})") from None
        transcriber: Transcriber = found
        return transcriber
