"""Subscriptions: whose media a client receives, determined by profiles and by overrides for single participants."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .._native.errors import JsonApiError, quoted, refuse_unknown_keys

Settings = dict[str, Any]

_VIDEO, _AUDIO = ("camera", "screenVideo"), ("microphone", "screenAudio")
_CUSTOM = {"customVideo": True, "customAudio": False}
"""Whether each kind of custom track is video, by its name."""
_STATES = ("subscribed", "staged", "unsubscribed")


class UnknownProfile(Exception):
    """A subscription profile does not exist; the text is daily-python's."""


class Subscriptions:
    """The profiles, and the overrides for single participants. Without an override, the profile `base` applies."""

    def __init__(self) -> None:
        self._profiles: dict[str, Settings] = {"base": _default_profile()}
        self._participants: dict[str, tuple[str, Settings]] = {}
        """The profile and the overrides of each participant that has any, by participant id."""

    def profiles(self) -> Settings:
        """Return a copy of all profiles, as `CallClient.subscription_profiles()` returns them."""
        return deepcopy(self._profiles)

    def as_dict(self) -> Settings:
        """Return the resolved settings of participants with overrides, as `CallClient.subscriptions()` returns them."""
        return {
            participant: {"media": self._resolved(participant), "profile": profile}
            for participant, (profile, _) in self._participants.items()
        }

    def of(self, participant: str, source: str) -> str:
        """Return `subscribed`, `staged` or `unsubscribed` for a medium or a custom audio track of a participant."""
        media = self._resolved(participant)
        if source in media and source not in _CUSTOM:
            medium = media[source]
        else:
            custom = media["customAudio"]
            medium = custom.get(source) or custom.get("*") or {"subscriptionState": "subscribed"}
        state: str = medium["subscriptionState"]
        return state

    def update_profiles(self, update: Any) -> None:
        """Change profiles, and create missing ones. Raises JsonApiError."""
        if not isinstance(update, dict):
            raise JsonApiError(
                "Profile subscription settings is not a map of profile names to subscription media settings"
            )
        changed = {
            name: _merged(self._profiles.get(name) or _default_profile(), _media(media), _default_profile)
            for name, media in update.items()
        }
        self._profiles = {**self._profiles, **changed}

    def update(self, by_participant: dict[str, Settings], by_profile: dict[str, Settings]) -> None:
        """Change the overrides of single participants, and of all participants with a profile.

        Raises UnknownProfile without changing anything.
        """
        self._refuse_unknown("UnknownProfilesInParticipantSettings", by_participant, ())
        self._refuse_unknown("UnknownProfilesInProfileSettings", by_profile, by_profile)
        participants = dict(self._participants)
        for participant, (profile, _) in self._participants.items():
            if profile in by_profile:
                participants[participant] = _changed(participants[participant], by_profile[profile])
        for participant, change in by_participant.items():
            participants[participant] = _changed(participants.get(participant, ("base", {})), change)
        self._participants = participants

    def _refuse_unknown(self, error: str, changes: dict[str, Settings], named: Any) -> None:
        wanted = [*named, *(change["profile"] for change in changes.values() if "profile" in change)]
        unknown = [name for name in wanted if name not in self._profiles]
        if unknown:
            names = ", ".join(f"ProfileName({quoted(name)})" for name in unknown)
            raise UnknownProfile(f"Subscription(Settings({error}([{names}])))")

    def _resolved(self, participant: str) -> Settings:
        profile, overrides = self._participants.get(participant, ("base", {}))
        return _merged(deepcopy(self._profiles[profile]), overrides, dict)


def _changed(subscription: tuple[str, Settings], change: Settings) -> tuple[str, Settings]:
    profile, overrides = subscription
    overrides = _merged(overrides, _media(change.get("media") or {}), dict)
    return change.get("profile", profile), overrides


def _track(video: bool, state: str = "subscribed") -> Settings:
    return {"receiveSettings": {"maxQuality": "high"} if video else {}, "subscriptionState": state}


def _default_profile() -> Settings:
    media = {
        **{medium: _track(video=True) for medium in _VIDEO},
        **{medium: _track(video=False) for medium in _AUDIO},
        **{kind: {} for kind in _CUSTOM},
    }
    return dict(sorted(media.items()))


def participant_changes(update: Any) -> dict[str, Settings]:
    """Validate `participant_settings`; returns the change for each participant id. Raises JsonApiError."""
    changes = _changes(update, "Participant", "participant IDs")
    for participant in changes:
        try:
            uuid.UUID(participant)
        except ValueError:
            raise JsonApiError(f"{participant} is not a valid participant ID") from None
    return changes


def profile_changes(update: Any) -> dict[str, Settings]:
    """Validate `profile_settings`; returns the change for each profile name. Raises JsonApiError."""
    return _changes(update, "Profile", "profile names")


def _changes(update: Any, whose: str, keys: str) -> dict[str, Settings]:
    if update is None:
        return {}
    if not isinstance(update, dict):
        raise JsonApiError(f"{whose} subscription settings is not a map of {keys} to subscription configurations")
    return {key: _configuration(change) for key, change in update.items()}


def _configuration(change: Any) -> Settings:
    if isinstance(change, str):
        change = {"media": change}
    if not isinstance(change, dict):
        raise JsonApiError("Subscription configuration is not an object or a subscription state shorthand")
    refuse_unknown_keys(change, ("profile", "media"))
    _media(change.get("media") or {})
    return change


def _media(change: Any) -> Settings:
    """The change of each medium. None for a medium or its state resets it to the value of the profile or default."""
    if change == "fromDefaults":
        return {medium: {"subscriptionState": None} for medium in (*_VIDEO, *_AUDIO)}
    if isinstance(change, str):
        return {medium: _medium(change) for medium in (*_VIDEO, *_AUDIO)}
    if not isinstance(change, dict):
        raise JsonApiError("Subscription media settings is not an object or a track subscription state shorthand")
    changes = {medium: _medium(change[medium]) for medium in (*_VIDEO, *_AUDIO) if medium in change}
    for kind in _CUSTOM:
        if kind not in change:
            continue
        if not isinstance(change[kind], dict):
            raise JsonApiError("Custom tracks subscription media settings is not an object")
        changes[kind] = {name: _medium(track) for name, track in change[kind].items()}
    return changes


def _medium(change: Any) -> Settings | None:
    if change == "fromDefaults":
        return None
    if isinstance(change, str):
        if change not in _STATES:
            raise JsonApiError(f"Invalid subscription state: {change}")
        return {"subscriptionState": change}
    if not isinstance(change, dict):
        raise JsonApiError("Subscription settings is not an object or a desired subscription state")
    refuse_unknown_keys(change, ("subscriptionState", "receiveSettings"))
    if (state := change.get("subscriptionState", "staged")) not in _STATES:
        expected = f"unknown variant `{state}`, expected one of `subscribed`, `staged`, `unsubscribed`"
        raise JsonApiError(f"Failed to deserialize subscription state: Error({quoted(expected)}, line: 0, column: 0)")
    return change


def _merged(base: Settings, changes: Settings, default: Callable[[], Settings]) -> Settings:
    merged = {**default(), **base}
    for medium, change in changes.items():
        if medium in _CUSTOM:
            tracks = dict(merged.get(medium, {}))
            for name, track in change.items():
                tracks[name] = {**(tracks.get(name) or _track(video=_CUSTOM[medium])), **(track or {})}
            merged[medium] = tracks
        else:
            before = {} if change is None else merged.get(medium, {})
            medium_default = default().get(medium, {})
            merged[medium] = _merged_medium({**medium_default, **before}, change or {}, medium_default)
    return merged


def _merged_medium(before: Settings, change: Settings, default: Settings) -> Settings:
    after = {**before, **change}
    if "subscriptionState" in change and change["subscriptionState"] is None:
        del after["subscriptionState"]
    return {**{key: default[key] for key in default if key not in after}, **after}
