"""What is connected to the audio of one call in a worker: a player, a recorder, a PCM channel."""

from __future__ import annotations

import contextlib
import socket
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import ConfigurationError
from simulator.useragent.worker.pcm import PcmPort
from simulator.useragent.worker.pjsip import pj

if TYPE_CHECKING:
    from simulator.useragent.worker.call import SipCall


class Audio:
    """The taps of a call. They may be opened before there is media and are connected when it comes."""

    def __init__(self, call: SipCall) -> None:
        self._call = call
        self._player: Any = None
        self._recorder: Any = None
        self._recording: Path | None = None
        self._pcm: PcmPort | None = None
        self._slot: Any = None

    def attach(self, index: int) -> None:
        """Connect all taps to the call's audio stream; again after each change of media."""
        self._slot = self._call.getAudioMedia(index)
        for tap in (self._player, self._pcm):
            if tap is not None:
                tap.startTransmit(self._slot)
        for tap in (self._recorder, self._pcm):
            if tap is not None:
                self._slot.startTransmit(tap)

    def play(self, path: str, *, loop: bool) -> None:
        """Play a WAV file into the call, instead of what was played before."""
        check_wav(path)
        player = pj.AudioMediaPlayer()
        player.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        self.stop_playing()
        self._player = player
        if self._slot is not None:
            player.startTransmit(self._slot)

    def stop_playing(self) -> None:
        """Stop the player; no error when there is none."""
        self._player = None

    def record(self, path: str) -> None:
        """Record what the call hears to a new WAV file."""
        if Path(path).suffix.lower() != ".wav" or not Path(path).parent.is_dir():
            raise ConfigurationError("path", path, "a .wav file in an existing folder")
        self.stop_recording()
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(path)
        self._recorder = recorder
        self._recording = Path(path)
        if self._slot is not None:
            self._slot.startTransmit(recorder)

    def stop_recording(self) -> Path | None:
        """Stop; returns the file, which PJSIP's clock completes a moment later. None when nothing was recorded."""
        self._recorder = None
        path, self._recording = self._recording, None
        return path

    def open_pcm(self, rate: int) -> int:
        """Open the PCM channel, instead of an earlier one; returns the descriptor of the far end."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._close_pcm()
        self._pcm = self._call.pcm_ports.take(rate, ours)
        if self._slot is not None:
            self._pcm.startTransmit(self._slot)
            self._slot.startTransmit(self._pcm)
        return theirs.detach()

    @property
    def dropped_frames(self) -> int:
        """Frames that nobody read from the PCM channel in time."""
        return self._pcm.dropped if self._pcm else 0

    def close(self) -> None:
        """Drop all taps."""
        self._slot = None
        self._player = None
        self._recorder = None
        self._close_pcm()

    def _close_pcm(self) -> None:
        if self._pcm is not None:
            if self._slot is not None:
                self._pcm.stopTransmit(self._slot)
                self._slot.stopTransmit(self._pcm)
            self._call.pcm_ports.give_back(self._pcm)
            self._pcm = None


def check_wav(path: str) -> None:
    """ConfigurationError when the file is not one that PJSIP plays: 16-bit PCM WAV, mono or stereo."""
    wanted = "a readable WAV file of 16-bit PCM"
    try:
        with contextlib.closing(wave.open(path, "rb")) as file:
            if file.getsampwidth() != 2 or file.getnframes() == 0:
                raise ConfigurationError("path", path, f"{wanted} that is not empty")
    except (OSError, EOFError, wave.Error) as error:
        raise ConfigurationError("path", path, f"{wanted} ({error})") from error


def is_complete(path: Path) -> bool:
    """Whether a WAV file's header says its true length: PJSIP writes that last."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        return len(head) == 8 and int.from_bytes(head[4:], "little") + 8 == path.stat().st_size
    except OSError:
        return False
