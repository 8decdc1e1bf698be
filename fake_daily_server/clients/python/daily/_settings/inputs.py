"""`InputSettings`: the camera, microphone, screen and custom tracks of a client, and their updates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .._native.errors import JsonApiError, refuse_unknown_keys

Settings = dict[str, Any]


def default_inputs() -> Settings:
    """The inputs of a new client, as measured on daily-python."""
    return {
        "camera": {
            "isEnabled": False,
            "settings": {
                "customConstraints": {},
                "facingMode": "user",
                "frameRate": 30,
                "height": 720,
                "processor": {"processor": "none"},
                "torch": False,
                "width": 1280,
                "zoom": 1.0,
            },
        },
        "customAudio": {},
        "customVideo": {},
        "microphone": {"isEnabled": False, "settings": {"customConstraints": {}}},
        "screenAudio": {"isEnabled": False, "settings": {}},
        "screenVideo": {"isEnabled": False, "settings": {}},
    }


_KEYS: Mapping[str, Collection[str]] = {
    "camera": (
        "deviceId",
        "width",
        "height",
        "frameRate",
        "facingMode",
        "customConstraints",
        "torch",
        "zoom",
        "processor",
    ),
    "microphone": ("deviceId", "customConstraints"),
    "screenAudio": (),
    "screenVideo": (),
}


def updated_inputs(current: Settings, update: Any) -> Settings:
    """Return the inputs after an update; inputs it does not name are unchanged. Raises JsonApiError.

    Each input's value is an object, a bool as shorthand for `isEnabled`, or `"fromDefaults"`; the update as a whole may
    be `"fromDefaults"`, too.
    """
    if update == "fromDefaults":
        return {**default_inputs(), "customAudio": current["customAudio"], "customVideo": current["customVideo"]}
    if not isinstance(update, dict):
        raise JsonApiError("Input settings was not an object or the string 'fromDefaults'")
    inputs = dict(current)
    for medium in _KEYS:
        if (change := update.get(medium)) is not None:
            inputs[medium] = _updated_input(medium, current[medium], change)
    return inputs


def _updated_input(medium: str, current: Settings, change: Any) -> Settings:
    if change == "fromDefaults":
        changed: Settings = default_inputs()[medium]
        return changed
    if isinstance(change, bool):
        return {**current, "isEnabled": change}
    if not isinstance(change, dict):
        raise JsonApiError("Input settings is not an object or a boolean shorthand")
    refuse_unknown_keys(change, ("isEnabled", "settings"))
    enabled = change.get("isEnabled", current["isEnabled"])
    if not isinstance(enabled, bool):
        raise JsonApiError("isEnabled is not a boolean")
    try:
        settings = _updated_settings(medium, current["settings"], change.get("settings", {}))
    except JsonApiError as error:
        raise JsonApiError(f"Invalid settings object {error}") from None
    return {"isEnabled": enabled, "settings": settings}


def _updated_settings(medium: str, current: Settings, change: Any) -> Settings:
    defaults: Settings = default_inputs()[medium]["settings"]
    if change == "fromDefaults":
        return defaults
    track = _custom_track(change)
    if track is not None:
        return {"customTrack": {"id": track}}
    refuse_unknown_keys(change, _KEYS[medium])
    if not isinstance(change.get("width", 0), int | float):
        raise JsonApiError("`videoWidth` is not a number")
    if change.get("facingMode", "user") not in ("user", "environment", "left", "right"):
        raise JsonApiError("Invalid value for `facingMode`: VariantNotFound")
    return {**(defaults if change and "customTrack" in current else current), **change}


def _custom_track(settings: Settings) -> str | None:
    match settings:
        case {"customTrack": {"id": str(track)}, **others} if not others:
            return track
    return None
