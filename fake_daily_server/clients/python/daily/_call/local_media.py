"""The media states of the client itself, as in `participants()["local"]["media"]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._audio.custom_audio import audio_track_output
from .._audio.microphone import microphone_output
from .participant_format import MEDIA

Fields = Mapping[str, Any]

_CUSTOM = ("customAudio", "customVideo")
_WITH_DEVICES = ("camera", "microphone")
_AUDIO = ("microphone", "screenAudio", "customAudio")


def local_media(inputs: Fields, publishing: Fields, fields: Fields | None) -> dict[str, Any]:
    """Return the state of each medium. `fields` is the client in the signalling's format; None outside a call.

    As measured on daily-python, a medium is `playable` if its track or device exists, in a call or not; otherwise a
    camera or microphone is `loading`. A medium that is enabled but not published is off and keeps its track. Custom
    tracks are always included.
    """
    tracks = {} if fields is None else fields["tracks"]
    media: dict[str, Any] = {
        medium: _medium(medium, inputs[medium], publishing.get(medium, {}), tracks.get(track, {}))
        for medium, track in MEDIA.items()
    }
    for kind in _CUSTOM:
        media[kind] = {name: _medium(kind, settings, {}, {}) for name, settings in inputs[kind].items()}
    return dict(sorted(media.items()))


def _medium(kind: str, settings: Fields, publishing: Fields, track: Fields) -> dict[str, Any]:
    if not settings["isEnabled"]:
        return _off("user")
    source = settings["settings"]
    custom = {"track": dict(source["customTrack"])} if "customTrack" in source else {}
    if "byCanSendPermission" in track.get("off", {}):
        return {**_off("sendPermission"), **custom}
    if not publishing.get("isPublishing", True):
        return {**_off("user"), **custom}
    if not _exists(kind, source):
        return {"state": "loading", "subscribed": "unsubscribed"} if kind in _WITH_DEVICES else _off("user")
    return {"state": "playable", "subscribed": "unsubscribed", **custom}


def _off(reason: str) -> dict[str, Any]:
    return {"offReasons": [reason], "state": "off", "subscribed": "unsubscribed"}


def _exists(kind: str, source: Fields) -> bool:
    if kind not in _AUDIO:
        return "customTrack" in source or "deviceId" in source
    if "customTrack" in source:
        return audio_track_output(source["customTrack"]["id"]) is not None
    return microphone_output(source.get("deviceId", "")) is not None
