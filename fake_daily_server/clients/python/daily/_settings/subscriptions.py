"""Whose media a client receives: profiles, and each participant's profile with what it says otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .._native.errors import JsonApiError, quoted, refuse_unknown_keys

Settings = dict[str, Any]

_VIDEO, _AUDIO = ("camera", "screenVideo"), ("microphone", "screenAudio")
_CUSTOM = {"customVideo": True, "customAudio": False}
"""Kinds of custom tracks, and whether they are video."""
_STATES = ("subscribed", "staged", "unsubscribed")


class UnknownProfile(Exception):
    """A profile that does not exist; the text is daily-python's error."""


class Subscriptions:
    """The profiles and what is said of single participants. Who is not mentioned has the profile `base`."""

    def __init__(self) -> None:
        self._profiles: dict[str, Settings] = {"base": _everything()}
        self._people: dict[str, tuple[str, Settings]] = {}
        """Participant ids, with the profile and what differs from it."""

    def profiles(self) -> Settings:
        """As `subscription_profiles()` shows them."""
        return deepcopy(self._profiles)

    def shown(self) -> Settings:
        """As `subscriptions()` shows them: those that were set, resolved."""
        return {
            person: {"media": self._resolved(person), "profile": profile}
            for person, (profile, _) in self._people.items()
        }

    def of(self, person: str, source: str) -> str:
        """`subscribed`, `staged` or `unsubscribed`: to a medium of this participant, or to its custom audio track."""
        media = self._resolved(person)
        if source in media and source not in _CUSTOM:
            medium = media[source]
        else:
            custom = media["customAudio"]
            medium = custom.get(source) or custom.get("*") or {"subscriptionState": "subscribed"}
        state: str = medium["subscriptionState"]
        return state

    def update_profiles(self, update: Any) -> None:
        """Change profiles, and make new ones. Raises JsonApiError."""
        if not isinstance(update, dict):
            raise JsonApiError(
                "Profile subscription settings is not a map of profile names to subscription media settings"
            )
        changed = {
            name: _merged(self._profiles.get(name) or _everything(), _media(media), _everything)
            for name, media in update.items()
        }
        self._profiles = {**self._profiles, **changed}

    def update(self, by_person: dict[str, Settings], by_profile: dict[str, Settings]) -> None:
        """Change what is received of single participants, and of all that have a profile.

        Raises UnknownProfile, and then nothing has changed.
        """
        self._refuse_unknown("UnknownProfilesInParticipantSettings", by_person, ())
        self._refuse_unknown("UnknownProfilesInProfileSettings", by_profile, by_profile)
        people = dict(self._people)
        for person, (profile, _) in self._people.items():
            if profile in by_profile:
                people[person] = _changed(people[person], by_profile[profile])
        for person, change in by_person.items():
            people[person] = _changed(people.get(person, ("base", {})), change)
        self._people = people

    def _refuse_unknown(self, error: str, changes: dict[str, Settings], named: Any) -> None:
        wanted = [*named, *(change["profile"] for change in changes.values() if "profile" in change)]
        unknown = [name for name in wanted if name not in self._profiles]
        if unknown:
            names = ", ".join(f"ProfileName({quoted(name)})" for name in unknown)
            raise UnknownProfile(f"Subscription(Settings({error}([{names}])))")

    def _resolved(self, person: str) -> Settings:
        profile, differing = self._people.get(person, ("base", {}))
        return _merged(deepcopy(self._profiles[profile]), differing, dict)


def _changed(subscription: tuple[str, Settings], change: Settings) -> tuple[str, Settings]:
    profile, differing = subscription
    differing = _merged(differing, _media(change.get("media") or {}), dict)
    return change.get("profile", profile), differing


def _track(video: bool, state: str = "subscribed") -> Settings:
    return {"receiveSettings": {"maxQuality": "high"} if video else {}, "subscriptionState": state}


def _everything() -> Settings:
    media = {
        **{medium: _track(video=True) for medium in _VIDEO},
        **{medium: _track(video=False) for medium in _AUDIO},
        **{kind: {} for kind in _CUSTOM},
    }
    return dict(sorted(media.items()))


def participant_changes(update: Any) -> dict[str, Settings]:
    """`participant_settings`, checked: what to change for each participant. Raises JsonApiError."""
    changes = _changes(update, "Participant", "participant IDs")
    for person in changes:
        try:
            uuid.UUID(person)
        except ValueError:
            raise JsonApiError(f"{person} is not a valid participant ID") from None
    return changes


def profile_changes(update: Any) -> dict[str, Settings]:
    """`profile_settings`, checked: what to change for all participants of each profile. Raises JsonApiError."""
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
    """What is said of each medium. None, of a medium or of its state, stands for what the default or profile says."""
    if change == "fromDefaults":
        return {medium: {"subscriptionState": None} for medium in (*_VIDEO, *_AUDIO)}
    if isinstance(change, str):
        return {medium: _medium(change) for medium in (*_VIDEO, *_AUDIO)}
    if not isinstance(change, dict):
        raise JsonApiError("Subscription media settings is not an object or a track subscription state shorthand")
    said = {medium: _medium(change[medium]) for medium in (*_VIDEO, *_AUDIO) if medium in change}
    for kind in _CUSTOM:
        if kind in change:
            said[kind] = {name: _medium(track) for name, track in change[kind].items()}
    return said


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


def _merged(base: Settings, change: Settings, default: Callable[[], Settings]) -> Settings:
    merged = {**default(), **base}
    for medium, said in change.items():
        if medium in _CUSTOM:
            tracks = dict(merged.get(medium, {}))
            for name, track in said.items():
                tracks[name] = {**(tracks.get(name) or _track(video=_CUSTOM[medium])), **(track or {})}
            merged[medium] = tracks
        else:
            before = {} if said is None else merged.get(medium, {})
            merged[medium] = _said({**default().get(medium, {}), **before}, said or {}, default().get(medium, {}))
    return merged


def _said(before: Settings, said: Settings, default: Settings) -> Settings:
    after = {**before, **said}
    if "subscriptionState" in said and said["subscriptionState"] is None:
        del after["subscriptionState"]
    return {**{key: default[key] for key in default if key not in after}, **after}
