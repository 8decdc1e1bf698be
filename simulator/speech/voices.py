"""Voices that say texts: libespeak-ng in a process of its own, a command of the user's, or babble without words."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shlex
import struct
import sys
import wave
from contextlib import suppress
from io import BytesIO
from typing import Protocol

import numpy as np

from simulator.audio.babble import spoken
from simulator.audio.levels import frame_levels
from simulator.audio.resampling import resampled
from simulator.audio.samples import Signal, amplitude, as_signal
from simulator.errors import ConfigurationError

EXTRA = "daily-telephony-simulator[speech]"
_MODULE = "espeakng_loader"
_SAYS_WITHIN = 60.0
"""Seconds that a voice may take for one text."""
_LOUD_DB = 25.0
"""Frames at most this much below the loudest one decide the level of speech."""


class Voice(Protocol):
    """Says texts."""

    async def say(self, text: str, *, rate: int) -> Signal:
        """Return the text as samples at `rate`, at any level."""

    async def close(self) -> None:
        """End what the voice has started."""


class BabbleVoice:
    """Babble for as long as saying the text takes."""

    async def say(self, text: str, *, rate: int) -> Signal:
        """Return babble; the same text gives the same samples."""
        return await asyncio.to_thread(spoken, text, rate=rate)

    async def close(self) -> None:
        """Nothing is running."""


class ProgramVoice:
    """A program that is started for each text."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command

    async def say(self, text: str, *, rate: int) -> Signal:
        """Run the program. Raises ConfigurationError, which has the end of its stderr, if it fails."""
        shown = shlex.join(self._command)
        pipe = asyncio.subprocess.PIPE
        try:
            program = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=pipe)
        except OSError as failure:
            raise ConfigurationError("voice.command", shown, f"a program that can be started ({failure})") from None
        try:
            async with asyncio.timeout(_SAYS_WITHIN):
                out, err = await program.communicate(text.encode())
        except TimeoutError:
            raise ConfigurationError("voice.command", shown, f"a program that ends in {_SAYS_WITHIN:g} s") from None
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
        if program.returncode:
            said = f"status {program.returncode}: {err.decode(errors='replace').strip()[-300:]}"
            raise ConfigurationError("voice.command", shown, f"a program that succeeds; {said}")
        return await asyncio.to_thread(_read_wav, out, rate, shown)

    async def close(self) -> None:
        """Nothing is running."""


class EspeakVoice:
    """libespeak-ng in a process of its own, which is started at the first text."""

    def __init__(self, name: str = "en-us") -> None:
        self._name = name
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @staticmethod
    def is_installed() -> bool:
        """Whether the package with the library is installed."""
        return importlib.util.find_spec(_MODULE) is not None

    async def say(self, text: str, *, rate: int) -> Signal:
        """Return the text in words."""
        async with self._lock, asyncio.timeout(_SAYS_WITHIN):
            process = await self._running()
            assert process.stdin is not None  # noqa: S101  # both are pipes
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(json.dumps(text).encode() + b"\n")
            try:
                found, size = struct.unpack("<II", await process.stdout.readexactly(8))
                pcm = await process.stdout.readexactly(size)
            except asyncio.IncompleteReadError:
                self._process = None
                raise ConfigurationError("voice", "espeak", f"a libespeak-ng that works ({EXTRA})") from None
        sound = as_signal(np.frombuffer(pcm, "<i2").astype(np.int16))
        return await asyncio.to_thread(resampled, sound, found, rate)

    async def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            loader = importlib.import_module(_MODULE)  # it loads no library, but knows where it is
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "simulator.speech.espeak_process",
                loader.get_library_path(),
                loader.get_data_path(),
                self._name,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        return self._process


def at_level(signal: Signal, rate: int, dbfs: float) -> Signal:
    """Speech with the level `dbfs` outside its pauses."""
    levels = frame_levels(signal, rate)
    loud = levels[levels > levels.max(initial=-100) - _LOUD_DB]
    if not len(loud):
        return signal
    power = 10 * np.log10(np.mean(10 ** (loud / 10)))
    return np.clip(signal * amplitude(dbfs - float(power)), -0.98, 0.98)


def _read_wav(data: bytes, rate: int, shown: str) -> Signal:
    try:
        with wave.open(BytesIO(data)) as file:
            width, channels, found = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (EOFError, wave.Error) as failure:
        raise ConfigurationError("voice.command", shown, f"a program that prints a WAV file ({failure})") from None
    if width != 2:
        raise ConfigurationError("voice.command", shown, f"a program that prints 16-bit PCM; this has {8 * width} bits")
    sound = np.frombuffer(frames[: len(frames) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
    return resampled(sound.mean(axis=1) / 32768.0, found, rate)
