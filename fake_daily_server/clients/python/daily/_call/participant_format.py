"""Participants as daily-python shows them, made from what the signalling says (there they have daily-js's shape)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Shown = Mapping[str, Any]

MEDIA = {
    "camera": "video",
    "microphone": "audio",
    "screenAudio": "screenAudio",
    "screenVideo": "screenVideo",
}
"""daily-python's word for a medium, and the signalling's."""

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
        medium: _medium(tracks.get(word, _OFF_TRACK), subscription(medium)) for medium, word in MEDIA.items()
    }
    return {"id": shown["session_id"], "info": info, "media": {**media, **_custom_media(tracks, subscription)}}


def _medium(track: Shown, subscribed: str) -> dict[str, Any]:
    if track["state"] == "off":
        reasons = [_OFF[why] for why in track.get("off", {}) if why in _OFF]
        return {"offReasons": reasons or ["user"], "state": "off", "subscribed": subscribed}
    state = track["state"] if subscribed == "subscribed" else "receivable"
    return {"state": state, "subscribed": subscribed}


def _custom_media(tracks: Shown, subscription: Subscription) -> dict[str, Any]:
    custom = {name: track for name, track in tracks.items() if name not in MEDIA.values()}
    audio = {name: _medium(track, subscription(name)) for name, track in custom.items()}
    return {"customAudio": audio, "customVideo": {}}


def _permissions(shown: Shown) -> dict[str, Any]:
    words = {word: medium for medium, word in MEDIA.items()}
    send, admin = shown["canSend"], shown["canAdmin"]
    return {
        "hasPresence": shown["hasPresence"],
        "canSend": [words.get(kind, kind) for kind in _listed(send, _SENDING)],
        "canReceive": shown["canReceive"],
        "canAdmin": _listed(admin, _ADMINISTERING),
    }


def muted_by_others(shown: Shown) -> set[str]:
    """The media of a participant that somebody else has turned off."""
    return {medium for medium, word in MEDIA.items() if shown["tracks"][word].get("off", {}).get("byRemoteRequest")}


def permissions_update(update: Mapping[str, Any]) -> dict[str, Any]:
    """An update of permissions in daily-python's words, in those of the signalling."""
    changed = dict(update)
    if isinstance(send := changed.get("canSend"), list):
        changed["canSend"] = [MEDIA.get(kind, kind) for kind in send]
    return changed


def _listed(kinds: object, everything: tuple[str, ...]) -> list[str]:
    if isinstance(kinds, bool):
        return list(everything) if kinds else []
    return list(kinds) if isinstance(kinds, list | tuple) else []
