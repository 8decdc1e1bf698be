"""ServiceVerbs: recording, live streaming and transcription, none of which the fake Daily's domain has enabled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._native.arguments import json_copy, optional_string
from .verbs import Completion, Verbs

Settings = Mapping[str, Any]


class ServiceVerbs(Verbs):
    """The verbs of services: each checks its arguments as daily-python does, then fails because of the domain."""

    __slots__ = ()

    # --- recording ---

    def start_recording(
        self,
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Callable[[str | None, str | None], object] | None = None,
    ) -> None:
        """Fail with `Recording(Properties(RecordingNotEnabled))`."""
        _check(stream_id, streaming_settings, force_new)
        self._fail("startRecording", "Recording", completion, with_result=True)

    def stop_recording(self, stream_id: str | None = None, completion: Completion | None = None) -> None:
        """Fail as `start_recording` does."""
        _check(stream_id)
        self._fail("stopRecording", "Recording", completion)

    def update_recording(
        self, update_settings: Settings, stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fail as `start_recording` does."""
        _check(stream_id, update_settings)
        self._fail("updateRecording", "Recording", completion)

    # --- live streaming ---

    def start_live_stream_with_endpoints(
        self,
        endpoints: list[str],
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fail with `LiveStream(Properties(LiveStreamNotEnabled))`."""
        _check(stream_id, endpoints, streaming_settings, force_new)
        self._fail("startLiveStream", "LiveStream", completion)

    def start_live_stream_with_rtmp_urls(
        self,
        rtmp_urls: list[str],
        streaming_settings: Settings | None = None,
        stream_id: str | None = None,
        force_new: bool | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fail as `start_live_stream_with_endpoints` does."""
        _check(stream_id, rtmp_urls, streaming_settings, force_new)
        self._fail("startLiveStream", "LiveStream", completion)

    def stop_live_stream(self, stream_id: str | None = None, completion: Completion | None = None) -> None:
        """Fail as `start_live_stream_with_endpoints` does."""
        _check(stream_id)
        self._fail("stopLiveStream", "LiveStream", completion)

    def update_live_stream(
        self, update_settings: Settings, stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fail as `start_live_stream_with_endpoints` does."""
        _check(stream_id, update_settings)
        self._fail("updateLiveStream", "LiveStream", completion)

    def add_live_streaming_endpoints(
        self, endpoints: list[str], stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fail as `start_live_stream_with_endpoints` does."""
        _check(stream_id, endpoints)
        self._fail("addLiveStreamingEndpoints", "LiveStream", completion)

    def remove_live_streaming_endpoints(
        self, endpoints: list[str], stream_id: str | None = None, completion: Completion | None = None
    ) -> None:
        """Fail as `start_live_stream_with_endpoints` does."""
        _check(stream_id, endpoints)
        self._fail("addLiveStreamingEndpoints", "LiveStream", completion)  # the name in daily-python's own error, too

    # --- transcription ---

    def start_transcription(self, settings: Settings | None = None, completion: Completion | None = None) -> None:
        """Fail with `Transcription(Properties(UnknownCallClientError))`."""
        _check(None, settings)
        self._fail("startTranscription", "Transcription", completion)

    def stop_transcription(self, completion: Completion | None = None) -> None:
        """Fail as `start_transcription` does."""
        self._fail("stopTranscription", "Transcription", completion)

    def update_transcription(
        self,
        participants: list[str] | None = None,
        instance_id: str | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Fail as `start_transcription` does."""
        _check(instance_id, participants)
        self._fail("updateTranscription", "Transcription", completion)

    def _fail(
        self, name: str, family: str, completion: Callable[..., object] | None, *, with_result: bool = False
    ) -> None:
        self._start(
            name, lambda: self._call.fail_as_unavailable(family, _REASONS[family]), completion, with_result=with_result
        )


_REASONS = {
    "Recording": "RecordingNotEnabled",
    "LiveStream": "LiveStreamNotEnabled",
    "Transcription": "UnknownCallClientError",
}


def _check(identifier: object, *values: object) -> None:
    optional_string(identifier)
    for value in values:
        json_copy(value)
