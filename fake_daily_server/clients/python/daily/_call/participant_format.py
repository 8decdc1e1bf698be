"""Converts participants from the signalling's format, which is daily-js's, to daily-python's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Fields = Mapping[str, Any]

MEDIA = {
    "camera": "video",
    "microphone": "audio",
    "screenAudio": "screenAudio",
    "screenVideo": "screenVideo",
}
"""The name in the signalling of the track of each medium, by daily-python's name of the medium."""

_OFF = {"byUser": "user", "byRemoteRequest": "remoteMute", "byCanSendPermission": "sendPermission"}
_OFF_TRACK: Fields = {"state": "off", "off": {"byUser": True}}
_SENDING = ("camera", "microphone", "screenVideo", "screenAudio", "customVideo", "customAudio")
_ADMINISTERING = ("participants", "streaming", "transcription")

Subscription = Callable[[str], str]
"""Returns `subscribed`, `unsubscribed` or `staged` for a medium."""


def to_participant(fields: Fields, subscription: Subscription = lambda medium: "unsubscribed") -> dict[str, Any]:
    """Convert a participant from the signalling's format to daily-python's type `Participant`.

    As measured on daily-python, `userName` is absent if no name was given, and `joinedAt` is in Unix seconds.
    """
    info: dict[str, Any] = {
        "isLocal": fields["local"],
        "isOwner": fields["owner"],
        "joinedAt": int(datetime.fromisoformat(fields["joined_at"]).timestamp()),
        "permissions": _permissions(fields["permissions"]),
        "userId": fields["user_id"],
    }
    if fields["user_name"]:
        info["userName"] = fields["user_name"]
    tracks = fields["tracks"]
    media: dict[str, Any] = {
        medium: _medium(tracks.get(track, _OFF_TRACK), subscription(medium)) for medium, track in MEDIA.items()
    }
    return {"id": fields["session_id"], "info": info, "media": {**media, **_custom_media(tracks, subscription)}}


def _medium(track: Fields, subscribed: str) -> dict[str, Any]:
    if track["state"] == "off":
        reasons = [_OFF[reason] for reason in track.get("off", {}) if reason in _OFF]
        return {"offReasons": reasons or ["user"], "state": "off", "subscribed": subscribed}
    state = track["state"] if subscribed == "subscribed" else "receivable"
    return {"state": state, "subscribed": subscribed}


def _custom_media(tracks: Fields, subscription: Subscription) -> dict[str, Any]:
    custom = {name: track for name, track in tracks.items() if name not in MEDIA.values()}
    audio = {name: _medium(track, subscription(name)) for name, track in custom.items()}
    return {"customAudio": audio, "customVideo": {}}


def _permissions(permissions: Fields) -> dict[str, Any]:
    media = {track: medium for medium, track in MEDIA.items()}
    send, admin = permissions["canSend"], permissions["canAdmin"]
    return {
        "hasPresence": permissions["hasPresence"],
        "canSend": [media.get(kind, kind) for kind in _listed(send, _SENDING)],
        "canReceive": permissions["canReceive"],
        "canAdmin": _listed(admin, _ADMINISTERING),
    }


def muted_by_others(fields: Fields) -> set[str]:
    """Return the media of `participant` that another participant has muted."""
    return {medium for medium, track in MEDIA.items() if fields["tracks"][track].get("off", {}).get("byRemoteRequest")}


def permissions_update(update: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an update of permissions from daily-python's format to the signalling's."""
    changed = dict(update)
    if isinstance(send := changed.get("canSend"), list):
        changed["canSend"] = [MEDIA.get(kind, kind) for kind in send]
    return changed


def _listed(kinds: object, everything: tuple[str, ...]) -> list[str]:
    if isinstance(kinds, bool):
        return list(everything) if kinds else []
    return list(kinds) if isinstance(kinds, list | tuple) else []
