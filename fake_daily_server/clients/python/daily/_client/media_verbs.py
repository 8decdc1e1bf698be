"""MediaVerbs: renderers and custom tracks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._audio.custom_audio import AudioData, CustomAudioTrack
from .._native.arguments import string
from .._native.classes import check_instance
from .._video.custom_video import CustomVideoTrack, VideoFrame
from .verbs import Completion, Verbs


class MediaVerbs(Verbs):
    """The verbs for renderers, which receive other participants' media, and custom tracks, which send the client's."""

    __slots__ = ()

    def set_audio_renderer(
        self,
        participant_id: str,
        callback: Callable[[str, AudioData, str], object],
        audio_source: str = "microphone",
        sample_rate: int = 16000,
        callback_interval_ms: int = 20,
        logging_interval_ms: int = 10000,
    ) -> None:
        """Deliver a participant's audio to `callback(participant_id, audio_data, audio_source)` at the given interval.

        The callback receives only audio that arrives after this call. The interval must be a multiple of 10 ms.
        """
        self._check_released()
        self._media.set_audio_renderer(participant_id, callback, audio_source, sample_rate, callback_interval_ms)

    def set_video_renderer(
        self,
        participant_id: str,
        callback: Callable[[str, VideoFrame, str], object],
        video_source: str = "camera",
        color_format: str = "RGBA",
        logging_interval_ms: int = 10000,
    ) -> None:
        """Deliver a participant's video frames to `callback(participant_id, video_frame, video_source)`."""
        self._check_released()
        self._media.set_video_renderer(participant_id, callback, video_source, color_format)

    def add_custom_audio_track(
        self,
        track_name: str,
        audio_track: CustomAudioTrack,
        ignore_audio_level: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Send an additional audio track. Fails if a track with this name exists."""
        self._set_track("addCustomAudioTrack", "customAudio", track_name, audio_track, completion, new=True)

    def update_custom_audio_track(
        self,
        track_name: str,
        audio_track: CustomAudioTrack,
        ignore_audio_level: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Replace the track with this name, or add it if there is none."""
        self._set_track("updateCustomAudioTrack", "customAudio", track_name, audio_track, completion)

    def remove_custom_audio_track(self, track_name: str, completion: Completion | None = None) -> None:
        """Stop sending the track with this name. Succeeds if there is none."""
        self._remove_track("removeCustomAudioTrack", "customAudio", track_name, completion)

    def add_custom_video_track(
        self, track_name: str, video_track: CustomVideoTrack, completion: Completion | None = None
    ) -> None:
        """Send an additional video track. Fails if a track with this name exists."""
        self._set_track("addCustomVideoTrack", "customVideo", track_name, video_track, completion, new=True)

    def update_custom_video_track(
        self, track_name: str, video_track: CustomVideoTrack, completion: Completion | None = None
    ) -> None:
        """Replace the track with this name, or add it if there is none."""
        self._set_track("updateCustomVideoTrack", "customVideo", track_name, video_track, completion)

    def remove_custom_video_track(self, track_name: str, completion: Completion | None = None) -> None:
        """Stop sending the track with this name. Succeeds if there is none."""
        self._remove_track("removeCustomVideoTrack", "customVideo", track_name, completion)

    def _set_track(
        self,
        verb: str,
        kind: str,
        track_name: str,
        track: CustomAudioTrack | CustomVideoTrack,
        completion: Completion | None,
        *,
        new: bool = False,
    ) -> None:
        name = string(track_name)
        check_instance(track, CustomAudioTrack if kind == "customAudio" else CustomVideoTrack)
        track_id: Any = track.id
        self._start_update(verb, lambda: self._settings.set_track(kind, name, track_id, new=new), "Inputs", completion)

    def _remove_track(self, verb: str, kind: str, track_name: str, completion: Completion | None) -> None:
        name = string(track_name)
        self._start_update(verb, lambda: self._settings.remove_track(kind, name), "Inputs", completion)
