"""What a client's settings mean for its sound."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._audio import output_of_track
from ._audio_microphone import output_of_microphone

if TYPE_CHECKING:
    from ._audio_output import Output

logger = logging.getLogger("daily")

TRACKS: Mapping[str, str] = {"microphone": "audio", "screenAudio": "screenAudio"}
"""daily-python's word for a source of sound, and the signalling's for its track."""

Subscription = Callable[[str, str], str]
"""From a participant and a source to `subscribed`, `unsubscribed` or `staged`."""


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """A client's inputs and what it publishes of them, as daily-python shows them, and whom it subscribes to."""

    inputs: Mapping[str, Any]
    publishing: Mapping[str, Any]
    subscription: Subscription

    @property
    def speaks(self) -> bool:
        """Whether others see sound of this client, silent or not."""
        return any(True for _ in self._live())

    def outputs(self) -> list[Output]:
        """What the room hears of this client, mixed. A track that does not exist is logged, as by daily-python."""
        outputs: list[Output] = []
        for source, settings in self._live():
            if (track := settings.get("customTrack", {}).get("id")) is not None:
                output = output_of_track(track)
                if output is None:
                    logger.error("Can't find custom %s track: %s", source, track)
            else:
                output = output_of_microphone(settings.get("deviceId", ""))
            if output is not None and output not in outputs:
                outputs.append(output)
        return outputs

    def _live(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        named: Mapping[str, Any] = self.inputs.get("customAudio", {})
        published: Mapping[str, Any] = self.publishing.get("customAudio", {})
        inputs = {source: self.inputs.get(source, {}) for source in TRACKS}
        for source, setting, publishing in (
            *((source, setting, self.publishing.get(source, {})) for source, setting in inputs.items()),
            *((name, setting, published.get(name, {})) for name, setting in named.items()),
        ):
            if setting.get("isEnabled") and publishing.get("isPublishing", True):
                yield source, setting.get("settings", {})
