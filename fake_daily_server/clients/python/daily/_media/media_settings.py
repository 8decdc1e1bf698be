"""MediaSettings: determines which outputs a client sends from its inputs and publishing settings."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._audio.custom_audio import audio_track_output
from .._audio.microphone import microphone_output
from .._audio.receiver import TRACKS, Subscription
from .._video.custom_video import camera_output, video_track_output

if TYPE_CHECKING:
    from .._audio.output import AudioOutput
    from .._video.output import VideoOutput

logger = logging.getLogger("daily")


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Inputs and publishing settings in daily-python's format, and the subscriptions to other participants."""

    inputs: Mapping[str, Any]
    publishing: Mapping[str, Any]
    subscription: Subscription

    def voice(self) -> list[AudioOutput] | None:
        """Return the outputs that are mixed into this client's voice: microphone and screen audio.

        None if neither input is enabled and published; empty if none of the published inputs has an output.
        """
        live = list(_live(self.inputs, self.publishing, TRACKS))
        return [output for each in live if (output := _audio_output(*each)) is not None] if live else None

    def custom_tracks(self) -> dict[str, list[AudioOutput]]:
        """Return the outputs of additional audio tracks, by the name of the track."""
        inputs, publishing = self.inputs.get("customAudio", {}), self.publishing.get("customAudio", {})
        return {
            name: [] if (output := _audio_output(name, settings)) is None else [output]
            for name, settings in _live(inputs, publishing, inputs)
        }

    def camera(self) -> tuple[bool, VideoOutput | None]:
        """Return whether the camera is enabled and published, and its output, if any."""
        for _, settings in _live(self.inputs, self.publishing, ("camera",)):
            return True, _camera_output(settings)
        return False, None


def _live(
    inputs: Mapping[str, Any], publishing: Mapping[str, Any], names: Iterable[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The inputs that are enabled and published, with their settings."""
    for name in names:
        if inputs.get(name, {}).get("isEnabled") and publishing.get(name, {}).get("isPublishing", True):
            yield name, inputs[name].get("settings", {})


def _audio_output(name: str, settings: Mapping[str, Any]) -> AudioOutput | None:
    """The output of an audio input; None if there is none. A missing custom track is logged, as in daily-python."""
    if (track := settings.get("customTrack", {}).get("id")) is None:
        return microphone_output(settings.get("deviceId", ""))
    output = audio_track_output(track)
    if output is None:
        logger.error("Can't find custom %s track: %s", name, track)
    return output


def _camera_output(settings: Mapping[str, Any]) -> VideoOutput | None:
    """The output of the camera; None if there is none. A missing custom track is logged, as in daily-python."""
    if (track := settings.get("customTrack", {}).get("id")) is None:
        return camera_output(settings.get("deviceId", ""))
    output = video_track_output(track)
    if output is None:
        logger.error("Can't find custom camera track: %s", track)
    return output
