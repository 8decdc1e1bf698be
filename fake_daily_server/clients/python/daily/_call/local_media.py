"""The media of the client itself, as `participants()["local"]` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._audio.custom_audio import output_of_track
from .._audio.microphone import output_of_microphone
from .participant_format import MEDIA

Shown = Mapping[str, Any]

_CUSTOM = ("customAudio", "customVideo")
_WITH_DEVICES = ("camera", "microphone")
_HEARD = ("microphone", "screenAudio", "customAudio")


def local_media(inputs: Shown, publishing: Shown, shown: Shown | None) -> dict[str, Any]:
    """What inputs and publishing settings make of them; `shown` is the client as the room shows it, in a call.

    As measured: `playable` when there is a track or device, in a call or not; else a camera or a microphone is
    `loading`. A medium that is enabled and not published is off and keeps its track; custom tracks are shown in
    any case.
    """
    tracks = {} if shown is None else shown["tracks"]
    media: dict[str, Any] = {
        medium: _medium(medium, inputs[medium], publishing.get(medium, {}), tracks.get(word, {}))
        for medium, word in MEDIA.items()
    }
    for kind in _CUSTOM:
        media[kind] = {name: _medium(kind, settings, {}, {}) for name, settings in inputs[kind].items()}
    return dict(sorted(media.items()))


def _medium(kind: str, settings: Shown, publishing: Shown, track: Shown) -> dict[str, Any]:
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


def _off(why: str) -> dict[str, Any]:
    return {"offReasons": [why], "state": "off", "subscribed": "unsubscribed"}


def _exists(kind: str, source: Shown) -> bool:
    if kind not in _HEARD:
        return "customTrack" in source or "deviceId" in source
    if "customTrack" in source:
        return output_of_track(source["customTrack"]["id"]) is not None
    return output_of_microphone(source.get("deviceId", "")) is not None
