"""What is connected to the audio of one call: a player, a recorder, a PCM channel."""

from __future__ import annotations

import contextlib
import socket
import wave
from pathlib import Path
from typing import Any, Protocol

from simulator.errors import ConfigurationError
from simulator.useragent.worker.pcm import PcmPort, PcmPorts
from simulator.useragent.worker.pjsip import pj


class AudioCall(Protocol):
    """What `CallAudio` uses of a `pj.Call`."""

    def getAudioMedia(self, position: int) -> Any: ...  # noqa: N802  # PJSUA2's name


class CallAudio:
    """Connects a call to its player, recorder and PCM channel on PJSIP's conference bridge.

    They can be opened before there is media, and are connected when it comes.
    """

    def __init__(self, call: AudioCall, pcm_ports: PcmPorts) -> None:
        self._call = call
        self._pcm_ports = pcm_ports
        self._player: Any = None
        self._recorder: Any = None
        self._recording: Path | None = None
        self._pcm: PcmPort | None = None
        self._stream: Any = None
        """The call's own port on the bridge; None before there is media."""
        self._holding = False

    def connect(self, position: int, *, holding: bool) -> None:
        """Connect everything to the audio at this position of the call's media; needed again after each change.

        While this side is `holding` the call, the player waits.
        """
        self._stream = self._call.getAudioMedia(position)
        self._holding = holding
        if self._player is not None:
            if holding:
                self._player.stopTransmit(self._stream)
            else:
                self._player.startTransmit(self._stream)
        if self._pcm is not None:
            self._pcm.startTransmit(self._stream)
        for sink in (self._recorder, self._pcm):
            if sink is not None:
                self._stream.startTransmit(sink)

    def disconnect(self) -> None:
        """Wait for the next audio: PJSIP has none of an inactive call."""
        self._stream = None

    def play(self, path: str, *, loop: bool) -> None:
        """Play a WAV file into the call, in place of the one that is playing."""
        check_wav(path)
        player = pj.AudioMediaPlayer()
        player.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        self.stop_playing()
        self._player = player
        if self._stream is not None and not self._holding:
            player.startTransmit(self._stream)

    def stop_playing(self) -> None:
        """Stop the player, if there is one."""
        self._player = None

    def record(self, path: str) -> None:
        """Record what the call receives to a new WAV file."""
        if Path(path).suffix.lower() != ".wav" or not Path(path).parent.is_dir():
            raise ConfigurationError("path", path, "a .wav file in an existing folder")
        self.stop_recording()
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(path)
        self._recorder = recorder
        self._recording = Path(path)
        if self._stream is not None:
            self._stream.startTransmit(recorder)

    def stop_recording(self) -> Path | None:
        """Stop recording; returns the file, or None when nothing was recorded.

        PJSIP completes the file a moment later, in its media clock: see `is_complete_wav`.
        """
        self._recorder = None
        path, self._recording = self._recording, None
        return path

    def open_pcm(self, rate: int) -> int:
        """Open the PCM channel at `rate` Hz, in place of an earlier one; returns the descriptor for the parent."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._close_pcm()
        self._pcm = self._pcm_ports.acquire(rate, ours)
        if self._stream is not None:
            self._pcm.startTransmit(self._stream)
            self._stream.startTransmit(self._pcm)
        return theirs.detach()

    def close(self) -> None:
        """Disconnect everything."""
        self._stream = None
        self._player = None
        self._recorder = None
        self._close_pcm()

    def _close_pcm(self) -> None:
        if self._pcm is not None:
            if self._stream is not None:
                self._pcm.stopTransmit(self._stream)
                self._stream.stopTransmit(self._pcm)
            self._pcm_ports.release(self._pcm)
            self._pcm = None


def check_wav(path: str) -> None:
    """Raise ConfigurationError unless PJSIP can play the file: 16-bit PCM WAV, mono or stereo, not empty."""
    wanted = "a readable WAV file of 16-bit PCM"
    try:
        with contextlib.closing(wave.open(path, "rb")) as file:
            if file.getsampwidth() != 2 or file.getnframes() == 0:
                raise ConfigurationError("path", path, f"{wanted} that is not empty")
    except (OSError, EOFError, wave.Error) as error:
        raise ConfigurationError("path", path, f"{wanted} ({error})") from error


def is_complete_wav(path: Path) -> bool:
    """Whether the header of a WAV file states the file's true length: PJSIP writes that last."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        return len(head) == 8 and int.from_bytes(head[4:], "little") + 8 == path.stat().st_size
    except OSError:
        return False
