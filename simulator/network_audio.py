"""What the audio lines of a network share: the sounds that are kept, and the speech."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.audio.kept_sounds import KeptSounds
from simulator.speech.speech import Speech


@dataclass(frozen=True, slots=True)
class NetworkAudio:
    """Shared by the audio lines of all calls of a network."""

    kept_sounds: KeptSounds
    speech: Speech
