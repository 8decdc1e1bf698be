"""The sounds for callers in no room, as WAV files made at first use: hold music, greetings, messages."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import wave
import zlib
from pathlib import Path

from fake_daily_server.telephony.machines.outputs import Sound


class Sounds:
    """Makes the files, in a temporary folder. `music` is a WAV file that replaces the built-in hold music."""

    def __init__(self, music: Path | None = None) -> None:
        self._music = music
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._making = asyncio.Lock()
        """Held while a file is made: two callers may need the same file at once, and the server may close meanwhile."""

    async def file(self, sound: Sound, text: str | None = None) -> Path:
        """Return the WAV file of a sound, 16-bit mono. Without `text`, every sound except the hold music is a beep."""
        if sound == "hold music" and self._music is not None:
            return self._music
        suffix = f"{zlib.crc32(text.encode()):08x}" if text else "plain"
        async with self._making:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="fake-daily-")
            path = Path(self._folder.name) / f"{sound.replace(' ', '-')}-{suffix}.wav"
            if not path.exists():
                await asyncio.to_thread(_write, path, sound, text)
        return path

    async def close(self) -> None:
        """Remove the folder and its files."""
        async with self._making:
            folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()


def duration_s(path: Path) -> float:
    """Duration of a WAV file in s. Raises OSError or wave.Error for a file that cannot be read as WAV."""
    with contextlib.closing(wave.open(str(path), "rb")) as file:
        return file.getnframes() / file.getframerate()


def _write(path: Path, sound: Sound, text: str | None) -> None:
    """Write the WAV file of a sound. Loads numpy, which takes 80 ms the first time."""
    from fake_daily_server.media import prompts  # noqa: PLC0415
    from fake_daily_server.media.audio_frame import SAMPLE_RATE  # noqa: PLC0415
    from simulator.audio.wav import write_wav  # noqa: PLC0415

    if sound == "hold music":
        samples = prompts.hold_music()
    else:
        samples = prompts.announcement(text) if text else prompts.beep(seconds=0.5)
    write_wav(path, samples, SAMPLE_RATE)
