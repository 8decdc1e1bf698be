"""CallClient: renderers and custom tracks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._audio.custom_audio import AudioData, CustomAudioTrack
from .._native.arguments import text
from .._native.classes import instance
from .._video.custom_video import CustomVideoTrack, VideoFrame
from .verbs import Completion, Verbs


class MediaVerbs(Verbs):
    """Sound of others comes to renderers; sound and pictures of one's own go out by tracks."""

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
        """Have a participant's sound: `callback(participant_id, audio_data, audio_source)`, every so many ms.

        Sound that came before this is not heard. The interval is a multiple of 10 ms.
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
        """Have a participant's pictures: `callback(participant_id, video_frame, video_source)`."""
        self._check_released()
        self._media.set_video_renderer(participant_id, callback, video_source, color_format)

    def add_custom_audio_track(
        self,
        track_name: str,
        audio_track: CustomAudioTrack,
        ignore_audio_level: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Send another track of sound beside the microphone. Fails when there is one of that name."""
        self._put("addCustomAudioTrack", "customAudio", track_name, audio_track, completion, new=True)

    def update_custom_audio_track(
        self,
        track_name: str,
        audio_track: CustomAudioTrack,
        ignore_audio_level: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Send another track under this name; one that does not exist is added."""
        self._put("updateCustomAudioTrack", "customAudio", track_name, audio_track, completion)

    def remove_custom_audio_track(self, track_name: str, completion: Completion | None = None) -> None:
        """Send it no more. Succeeds when there is none of that name."""
        self._remove("removeCustomAudioTrack", "customAudio", track_name, completion)

    def add_custom_video_track(
        self, track_name: str, video_track: CustomVideoTrack, completion: Completion | None = None
    ) -> None:
        """Send another track of pictures beside the camera. Fails when there is one of that name."""
        self._put("addCustomVideoTrack", "customVideo", track_name, video_track, completion, new=True)

    def update_custom_video_track(
        self, track_name: str, video_track: CustomVideoTrack, completion: Completion | None = None
    ) -> None:
        """Send another track under this name; one that does not exist is added."""
        self._put("updateCustomVideoTrack", "customVideo", track_name, video_track, completion)

    def remove_custom_video_track(self, track_name: str, completion: Completion | None = None) -> None:
        """Send it no more. Succeeds when there is none of that name."""
        self._remove("removeCustomVideoTrack", "customVideo", track_name, completion)

    def _put(
        self,
        verb: str,
        kind: str,
        track_name: str,
        track: CustomAudioTrack | CustomVideoTrack,
        completion: Completion | None,
        *,
        new: bool = False,
    ) -> None:
        name = text(track_name)
        instance(track, CustomAudioTrack if kind == "customAudio" else CustomVideoTrack)
        track_id: Any = track.id
        self._change(verb, lambda: self._settings.put_track(kind, name, track_id, new=new), "Inputs", completion)

    def _remove(self, verb: str, kind: str, track_name: str, completion: Completion | None) -> None:
        name = text(track_name)
        self._change(verb, lambda: self._settings.remove_track(kind, name), "Inputs", completion)
