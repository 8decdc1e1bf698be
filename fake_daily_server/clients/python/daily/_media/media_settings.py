"""What a client's settings mean for its sound."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._audio.custom_audio import output_of_track
from .._audio.microphone import output_of_microphone
from .._audio.receiver import TRACKS, Subscription

if TYPE_CHECKING:
    from .._audio.output import Output

logger = logging.getLogger("daily")


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """A client's inputs and what it publishes of them, as daily-python shows them, and whom it subscribes to."""

    inputs: Mapping[str, Any]
    publishing: Mapping[str, Any]
    subscription: Subscription

    def voice(self) -> list[Output] | None:
        """What the room hears of this client as its voice: the microphone and the sound of its screen, mixed.

        Empty when it is silent, and None when neither is on.
        """
        live = list(_live(self.inputs, self.publishing, TRACKS))
        return [output for each in live if (output := _output(*each)) is not None] if live else None

    def tracks(self) -> dict[str, list[Output]]:
        """Further tracks, by name."""
        inputs, publishing = self.inputs.get("customAudio", {}), self.publishing.get("customAudio", {})
        return {
            name: [] if (output := _output(name, settings)) is None else [output]
            for name, settings in _live(inputs, publishing, inputs)
        }


def _live(
    inputs: Mapping[str, Any], publishing: Mapping[str, Any], names: Iterable[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The inputs that are enabled and published, with their settings."""
    for name in names:
        if inputs.get(name, {}).get("isEnabled") and publishing.get(name, {}).get("isPublishing", True):
            yield name, inputs[name].get("settings", {})


def _output(name: str, settings: Mapping[str, Any]) -> Output | None:
    """Where the sound of an input comes from. A track that does not exist is logged, as by daily-python."""
    if (track := settings.get("customTrack", {}).get("id")) is None:
        return output_of_microphone(settings.get("deviceId", ""))
    output = output_of_track(track)
    if output is None:
        logger.error("Can't find custom %s track: %s", name, track)
    return output
