"""`PublishingSettings`: whether and how the media of a client are sent, and their updates."""

from __future__ import annotations

from typing import Any

from .._native.errors import JsonApiError, quoted, refuse_unknown_keys

Settings = dict[str, Any]


def default_publishing() -> Settings:
    """The publishing settings of a new client, as measured on daily-python."""
    return {
        "camera": _default_video(),
        "customAudio": {},
        "customVideo": {},
        "microphone": _default_audio(),
        "screenVideo": {
            "isPublishing": True,
            "sendSettings": {
                "encodings": {"low": _encoding(2_000_000, 30.0, 1.0)},
                "maxQuality": "high",
                "preferredCodec": "VP8",
                "startBitrate": 1_000_000,
            },
        },
    }


def _default_audio() -> Settings:
    return {"isPublishing": True, "sendSettings": {"channelConfig": "mono"}}


def _default_video() -> Settings:
    return {
        "isPublishing": True,
        "sendSettings": {
            "adaptiveLayerMaxBitrate": None,
            "allowAdaptiveLayers": True,
            "encodings": {
                "high": _encoding(680_000, 30.0, 1.0),
                "low": _encoding(90_000, 15.0, 4.0),
                "medium": _encoding(200_000, 15.0, 2.0),
            },
            "maxQuality": "high",
            "preferredCodec": "VP8",
            "startBitrate": 1_000_000,
        },
    }


def _encoding(bitrate: int, framerate: float, scale: float) -> Settings:
    return {"maxBitrate": bitrate, "maxFramerate": framerate, "scaleResolutionDownBy": scale}


_PRESETS: dict[str, Settings] = {
    "speech": {"channelConfig": "mono"},
    "music": {"bitrate": 192_000, "channelConfig": "stereo"},
}
_MIN_BITRATE, _MAX_BITRATE = 1000, 4294967295
_VIDEO_KEYS = ("maxQuality", "preferredCodec", "encodings", "allowAdaptiveLayers", "startBitrate")


def updated_publishing(current: Settings, update: Any) -> Settings:
    """Return the settings after an update; media it does not name are unchanged. Raises JsonApiError.

    Each medium's value is an object, or a bool as shorthand for `isPublishing`. Unknown media are ignored, as in
    daily-python.
    """
    if update == "fromDefaults":
        return {**default_publishing(), "customAudio": current["customAudio"], "customVideo": current["customVideo"]}
    if not isinstance(update, dict):
        raise JsonApiError("Publishing settings was not an object or the string 'fromDefaults'")
    settings = dict(current)
    for medium in ("camera", "microphone", "screenVideo"):
        if (change := update.get(medium)) is not None:
            settings[medium] = _updated_medium(medium, current[medium], change)
    for medium, default in (("customAudio", _default_audio), ("customVideo", _default_video)):
        tracks = update.get(medium, {})
        if not isinstance(tracks, dict):
            raise JsonApiError("Custom tracks publishing settings is not an object")
        like = "microphone" if medium == "customAudio" else "camera"
        settings[medium] = dict(current[medium])
        for name, change in tracks.items():
            settings[medium][name] = _updated_medium(like, current[medium].get(name) or default(), change)
    return settings


def _updated_medium(medium: str, current: Settings, change: Any) -> Settings:
    if isinstance(change, bool):
        return {**current, "isPublishing": change}
    if not isinstance(change, dict):
        raise JsonApiError("Publish settings is not an object, a boolean shorthand")
    refuse_unknown_keys(change, ("isPublishing", "sendSettings"))
    publishing = change.get("isPublishing", current["isPublishing"])
    if not isinstance(publishing, bool):
        raise JsonApiError("Could not treat `isPublishing` field as a boolean")
    sending = current["sendSettings"]
    try:
        if "sendSettings" in change:
            wanted = change["sendSettings"]
            if medium == "microphone":
                sending = _audio_send_settings(wanted)
            else:
                sending = _updated_video(sending, wanted, medium)
    except ValueError as error:
        raise JsonApiError(f"`sendSettings` is not a valid object: {error}") from None
    return {"isPublishing": publishing, "sendSettings": sending}


def _audio_send_settings(wanted: Any) -> Settings:
    if isinstance(wanted, str):
        if wanted not in _PRESETS:
            raise ValueError("Invalid audio quality preset: VariantNotFound")
        return dict(_PRESETS[wanted])
    known = {key: value for key, value in wanted.items() if key in ("channelConfig", "bitrate") and value is not None}
    if known.get("channelConfig", "mono") not in ("mono", "stereo"):
        raise ValueError(f"{quoted(known['channelConfig'])} is not one of 'mono', 'stereo'")
    if not isinstance(known.get("bitrate", 0), int):
        raise ValueError("`bitrate` is not a string")  # noqa: TRY004 - the caller turns it into a JsonApiError
    return {"channelConfig": "mono", **known}


def _updated_video(current: Settings, change: Settings, medium: str) -> Settings:
    try:
        refuse_unknown_keys(change, (*_VIDEO_KEYS, "adaptiveLayerMaxBitrate") if medium == "camera" else _VIDEO_KEYS)
    except JsonApiError as error:
        raise ValueError(error.args[0]) from None
    if change.get("maxQuality", "low") not in ("low", "medium", "high"):
        problem = JsonApiError(f"{quoted(change['maxQuality'])} is not one of 'low', 'medium', 'high'")
        raise ValueError(f"Invalid max quality {problem}")
    bitrate = change.get("startBitrate", _MIN_BITRATE)
    if not _MIN_BITRATE <= bitrate <= _MAX_BITRATE:
        limits = f"{_MIN_BITRATE} and {_MAX_BITRATE} bits per second"
        raise ValueError(f"Invalid start bitrate {bitrate} is not between {limits}")
    return {**current, **change}
