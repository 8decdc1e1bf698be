"""What a client wants of a call: its inputs, what it publishes, and what it receives."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .._native.errors import JsonApiError, VerbError, quoted, refuse_unknown_keys
from .inputs import default_inputs, updated_inputs
from .publishing import default_publishing, updated_publishing
from .subscriptions import Subscriptions, UnknownProfile, participant_changes, profile_changes

Settings = dict[str, Any]
Change = tuple[str, Settings]
"""A callback of the event handler, and what it is told: the settings in full."""


class ClientSettings:
    """The settings of one client. They hold before it joins, in the call and after it.

    Every update gives the changes to tell; none when nothing has changed. Raises VerbError in daily-python's words.
    """

    def __init__(self) -> None:
        self.inputs = default_inputs()
        self.publishing = default_publishing()
        self.subscriptions = Subscriptions()

    def update_inputs(self, update: Any) -> list[Change]:
        """`update_inputs`."""
        before = self.inputs
        try:
            self.inputs = updated_inputs(before, update)
        except JsonApiError as wrong:
            raise VerbError(f"Input settings were not valid: {wrong}") from None
        return [] if self.inputs == before else [("on_inputs_updated", deepcopy(self.inputs))]

    def put_track(self, kind: str, name: str, track_id: str, *, new: bool) -> list[Change]:
        """A track of `customAudio` or `customVideo` under this name, in place of another unless it must be `new`."""
        if new and name in self.inputs[kind]:
            raise VerbError(f"Inputs(TrackNameAlreadyInUse({quoted(name)}))")
        track = {"isEnabled": True, "settings": {"customTrack": {"id": track_id}}}
        return self._set_tracks(kind, {**self.inputs[kind], name: track})

    def remove_track(self, kind: str, name: str) -> list[Change]:
        """No track under this name any more."""
        return self._set_tracks(kind, {other: track for other, track in self.inputs[kind].items() if other != name})

    def _set_tracks(self, kind: str, tracks: Settings) -> list[Change]:
        before = self.inputs
        self.inputs = {**before, kind: tracks}
        return [] if self.inputs == before else [("on_inputs_updated", deepcopy(self.inputs))]

    def update_publishing(self, update: Any) -> list[Change]:
        """`update_publishing`."""
        before = self.publishing
        try:
            self.publishing = updated_publishing(before, update)
        except JsonApiError as wrong:
            raise VerbError(f"Publishing settings were not valid {wrong}") from None
        return [] if self.publishing == before else [("on_publishing_updated", deepcopy(self.publishing))]

    def update_profiles(self, update: Any) -> list[Change]:
        """`update_subscription_profiles`."""
        try:
            self.subscriptions.update_profiles(update)
        except JsonApiError as wrong:
            raise VerbError(f"Profile subscription settings were not valid {wrong}") from None
        return [("on_subscription_profiles_updated", self.subscriptions.profiles())]

    def update_subscriptions(self, people: Any, profiles: Any) -> list[Change]:
        """`update_subscriptions`: of single participants, and of all that have a profile."""
        by_person = _read(participant_changes, people, "Participant subscription settings")
        by_profile = _read(profile_changes, profiles, "Profile subscription overrides")
        try:
            self.subscriptions.update(by_person, by_profile)
        except UnknownProfile as wrong:
            raise VerbError(str(wrong)) from None
        return [("on_subscriptions_updated", self.subscriptions.shown())]

    def update_for_join(self, client_settings: Any) -> list[Change]:
        """The `ClientSettings` of a join. `connection` has no meaning here."""
        if client_settings is None:
            return []
        try:
            refuse_unknown_keys(_object(client_settings), ("inputs", "publishing", "connection"))
        except JsonApiError as wrong:
            raise VerbError(f"Invalid client settings: {wrong}") from None
        return [
            *(self.update_inputs(client_settings["inputs"]) if "inputs" in client_settings else ()),
            *(self.update_publishing(client_settings["publishing"]) if "publishing" in client_settings else ()),
        ]


def _object(client_settings: Any) -> Settings:
    if not isinstance(client_settings, dict):
        raise JsonApiError("ClientSettings is not an object")
    return client_settings


def _read(read: Callable[[Any], dict[str, Settings]], update: Any, whose: str) -> dict[str, Settings]:
    try:
        return read(update)
    except JsonApiError as wrong:
        raise VerbError(f"{whose} were not valid {wrong}") from None
