"""Participants as daily-python shows them, made from what the signalling says (there they have daily-js's shape)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

MEDIA = {
    "camera": "video",
    "microphone": "audio",
    "screenVideo": "screenVideo",
    "screenAudio": "screenAudio",
}
"""daily-python's word for a medium, and the signalling's."""

_OFF = {"byUser": "user", "byRemoteRequest": "remoteMute", "byCanSendPermission": "sendPermission"}
_OFF_TRACK = {"state": "off", "off": {"byUser": True}}

Subscription = Callable[[str], str]
"""From a medium to `subscribed`, `unsubscribed` or `staged`."""


def not_subscribed(_medium: str) -> str:
    """Nobody subscribes to themselves."""
    return "unsubscribed"


def participant(shown: Mapping[str, Any], subscription: Subscription = not_subscribed) -> dict[str, Any]:
    """The `Participant` of daily-python's types for a participant of the signalling.

    A name that was not given is left out, as measured; `joinedAt` is in unix seconds.
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
    if "participantType" in shown:
        info["participantType"] = shown["participantType"]
    media: dict[str, Any] = {
        medium: _medium(shown["tracks"].get(word, _OFF_TRACK), subscription(medium)) for medium, word in MEDIA.items()
    }
    return {"id": shown["session_id"], "info": info, "media": {**media, "customAudio": {}, "customVideo": {}}}


def _medium(track: Mapping[str, Any], subscribed: str) -> dict[str, Any]:
    if track["state"] == "off":
        reasons = [_OFF[why] for why in track.get("off", {}) if why in _OFF]
        return {"offReasons": reasons or ["user"], "state": "off", "subscribed": subscribed}
    playable = "receivable" if subscribed == "unsubscribed" else "playable"
    return {"state": playable, "subscribed": subscribed}


def _permissions(shown: Mapping[str, Any]) -> dict[str, Any]:
    words = {word: medium for medium, word in MEDIA.items()}
    send, admin = shown["canSend"], shown["canAdmin"]
    every_send = ["camera", "microphone", "screenVideo", "screenAudio", "customVideo", "customAudio"]
    every_admin = ["participants", "streaming", "transcription"]
    return {
        "hasPresence": shown["hasPresence"],
        "canSend": _listed(send, every_send) if isinstance(send, bool) else [words.get(kind, kind) for kind in send],
        "canReceive": shown["canReceive"],
        "canAdmin": _listed(admin, every_admin) if isinstance(admin, bool) else list(admin),
    }


def _listed(everything: bool, kinds: list[str]) -> list[str]:  # noqa: FBT001
    return kinds if everything else []
