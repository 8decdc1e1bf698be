"""Participants as daily-python shows them, made from what the signalling says (there they have daily-js's shape)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Shown = Mapping[str, Any]

_MEDIA = {
    "camera": "video",
    "microphone": "audio",
    "screenAudio": "screenAudio",
    "screenVideo": "screenVideo",
}
"""daily-python's word for a medium, and the signalling's."""

_BEFORE_A_CALL = ("camera", "microphone")
"""Media that get ready as soon as they are enabled."""
_OFF = {"byUser": "user", "byRemoteRequest": "remoteMute", "byCanSendPermission": "sendPermission"}
_OFF_TRACK: Shown = {"state": "off", "off": {"byUser": True}}
_SENDING = ("camera", "microphone", "screenVideo", "screenAudio", "customVideo", "customAudio")
_ADMINISTERING = ("participants", "streaming", "transcription")

Subscription = Callable[[str], str]
"""From a medium to `subscribed`, `unsubscribed` or `staged`."""


def participant(shown: Shown, subscription: Subscription = lambda medium: "unsubscribed") -> dict[str, Any]:
    """The `Participant` of daily-python's types for one of the signalling.

    A name that was not given is left out and `joinedAt` is in unix seconds, both as measured.
    """
    info: dict[str, Any] = {
        "isLocal": shown["local"],
        "isOwner": shown["owner"],
        "joinedAt": int(datetime.fromisoformat(shown["joined_at"]).timestamp()),
        "permissions": _permissions(shown["permissions"]),
        "userId": shown["user_id"],
    }
    if shown["user_name"]:
        info["userName"] = shown["user_name"]
    tracks = shown["tracks"]
    media: dict[str, Any] = {
        medium: _medium(tracks.get(word, _OFF_TRACK), subscription(medium)) for medium, word in _MEDIA.items()
    }
    return {"id": shown["session_id"], "info": info, "media": {**media, **_custom_media(tracks, subscription)}}


def local_media(inputs: Shown, shown: Shown | None) -> dict[str, Any]:
    """The media of the client itself: what its inputs say, and the room when `shown` is how that shows it."""
    media: dict[str, Any] = {}
    for medium, word in _MEDIA.items():
        track = _OFF_TRACK if shown is None else shown["tracks"].get(word, _OFF_TRACK)
        if not inputs[medium]["isEnabled"] or (shown is None and medium not in _BEFORE_A_CALL):
            track = _OFF_TRACK
        elif shown is None:
            track = {"state": "loading"}
        elif track["state"] == "off" and "byCanSendPermission" not in track.get("off", {}):
            track = {"state": "playable"}
        media[medium] = _medium(track, "unsubscribed", here=True)
    return {
        **media,
        **{
            kind: {name: {"state": "playable", "subscribed": "unsubscribed"} for name in inputs[kind]}
            for kind in ("customAudio", "customVideo")
        },
    }


def _medium(track: Shown, subscribed: str, *, here: bool = False) -> dict[str, Any]:
    if track["state"] == "off":
        reasons = [_OFF[why] for why in track.get("off", {}) if why in _OFF]
        return {"offReasons": reasons or ["user"], "state": "off", "subscribed": subscribed}
    state = "receivable" if subscribed != "subscribed" and not here else track["state"]
    return {"state": state, "subscribed": subscribed}


def _custom_media(tracks: Shown, subscription: Subscription) -> dict[str, Any]:
    custom = {name: track for name, track in tracks.items() if name not in _MEDIA.values()}
    audio = {name: _medium(track, subscription(name)) for name, track in custom.items()}
    return {"customAudio": audio, "customVideo": {}}


def _permissions(shown: Shown) -> dict[str, Any]:
    words = {word: medium for medium, word in _MEDIA.items()}
    send, admin = shown["canSend"], shown["canAdmin"]
    return {
        "hasPresence": shown["hasPresence"],
        "canSend": [words.get(kind, kind) for kind in _listed(send, _SENDING)],
        "canReceive": shown["canReceive"],
        "canAdmin": _listed(admin, _ADMINISTERING),
    }


def permissions_update(update: Mapping[str, Any]) -> dict[str, Any]:
    """An update of permissions in daily-python's words, in those of the signalling."""
    changed = dict(update)
    if isinstance(send := changed.get("canSend"), list):
        changed["canSend"] = [_MEDIA.get(kind, kind) for kind in send]
    return changed


def _listed(kinds: object, everything: tuple[str, ...]) -> list[str]:
    if isinstance(kinds, bool):
        return list(everything) if kinds else []
    return list(kinds) if isinstance(kinds, list | tuple) else []
