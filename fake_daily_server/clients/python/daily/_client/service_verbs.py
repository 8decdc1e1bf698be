"""CallClient: recording, live streaming and transcription, which a domain must have and the fake Daily's has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._native.arguments import optional_text, plain
from .verbs import Completion, Verbs

Settings = Mapping[str, Any]


class ServiceVerbs(Verbs):
    """They take what daily-python's take and fail as on a domain without the service; no event follows."""

    __slots__ = ()

    # --- recording ---

    def start_recording(
        self,
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Callable[[str | None, str | None], object] | None = None,
    ) -> None:
        """Fails: `Recording(Properties(RecordingNotEnabled))`."""
        _check(stream_id, streaming_settings, force_new)
        self._refuse("startRecording", "Recording", completion, with_result=True)

    def stop_recording(self, stream_id: str | None = None, completion: Completion | None = None) -> None:
        """Fails, as `start_recording` does."""
        _check(stream_id)
        self._refuse("stopRecording", "Recording", completion)

    def update_recording(
        self, update_settings: Settings, stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fails, as `start_recording` does."""
        _check(stream_id, update_settings)
        self._refuse("updateRecording", "Recording", completion)

    # --- live streaming ---

    def start_live_stream_with_endpoints(
        self,
        endpoints: list[str],
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fails: `LiveStream(Properties(LiveStreamNotEnabled))`."""
        _check(stream_id, endpoints, streaming_settings, force_new)
        self._refuse("startLiveStream", "LiveStream", completion)

    def start_live_stream_with_rtmp_urls(
        self,
        rtmp_urls: list[str],
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fails, as `start_live_stream_with_endpoints` does."""
        _check(stream_id, rtmp_urls, streaming_settings, force_new)
        self._refuse("startLiveStream", "LiveStream", completion)

    def stop_live_stream(self, stream_id: str | None = None, completion: Completion | None = None) -> None:
        """Fails, as `start_live_stream_with_endpoints` does."""
        _check(stream_id)
        self._refuse("stopLiveStream", "LiveStream", completion)

    def update_live_stream(
        self, update_settings: Settings, stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fails, as `start_live_stream_with_endpoints` does."""
        _check(stream_id, update_settings)
        self._refuse("updateLiveStream", "LiveStream", completion)

    def add_live_streaming_endpoints(
        self, endpoints: list[str], stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fails, as `start_live_stream_with_endpoints` does."""
        _check(stream_id, endpoints)
        self._refuse("addLiveStreamingEndpoints", "LiveStream", completion)

    def remove_live_streaming_endpoints(
        self, endpoints: list[str], stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fails, as `start_live_stream_with_endpoints` does."""
        _check(stream_id, endpoints)
        self._refuse("addLiveStreamingEndpoints", "LiveStream", completion)  # daily-python calls this one so, too

    # --- transcription ---

    def start_transcription(self, settings: Settings | None = None, completion: Completion | None = None) -> None:
        """Fails: `Transcription(Properties(UnknownCallClientError))`."""
        _check(None, settings)
        self._refuse("startTranscription", "Transcription", completion)

    def stop_transcription(self, completion: Completion | None = None) -> None:
        """Fails, as `start_transcription` does."""
        self._refuse("stopTranscription", "Transcription", completion)

    def update_transcription(
        self,
        participants: list[str] | None = None,
        instance_id: str | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fails, as `start_transcription` does."""
        _check(instance_id, participants)
        self._refuse("updateTranscription", "Transcription", completion)

    def _refuse(
        self, name: str, family: str, completion: Callable[..., object] | None, *, with_result: bool = False
    ) -> None:
        self._start(name, lambda: self._call.refuse(family, _WHY[family]), completion, with_result=with_result)


_WHY = {
    "Recording": "RecordingNotEnabled",
    "LiveStream": "LiveStreamNotEnabled",
    "Transcription": "UnknownCallClientError",
}


def _check(text: object, *values: object) -> None:
    optional_text(text)
    for value in values:
        plain(value)
