"""ClientSettings: the inputs, publishing settings and subscriptions of one client."""

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
"""The name of an event handler's method, and its argument: the complete settings after an update."""


class ClientSettings:
    """The settings of one client, in and outside a call.

    Each update returns the event handler's methods to call, none if nothing has changed, and raises VerbError with
    daily-python's text.
    """

    def __init__(self) -> None:
        self.inputs = default_inputs()
        self.publishing = default_publishing()
        self.subscriptions = Subscriptions()

    def update_inputs(self, update: Any) -> list[Change]:
        """Carry out the verb `update_inputs`."""
        before = self.inputs
        try:
            self.inputs = updated_inputs(before, update)
        except JsonApiError as error:
            raise VerbError(f"Input settings were not valid: {error}") from None
        return [] if self.inputs == before else [("on_inputs_updated", deepcopy(self.inputs))]

    def set_track(self, kind: str, name: str, track_id: str, *, new: bool) -> list[Change]:
        """Set the track `name` of `customAudio` or `customVideo`. If `new`, an existing track is an error."""
        if new and name in self.inputs[kind]:
            raise VerbError(f"Inputs(TrackNameAlreadyInUse({quoted(name)}))")
        track = {"isEnabled": True, "settings": {"customTrack": {"id": track_id}}}
        return self._set_tracks(kind, {**self.inputs[kind], name: track})

    def remove_track(self, kind: str, name: str) -> list[Change]:
        """Remove the track `name` of `customAudio` or `customVideo`, if there is one."""
        return self._set_tracks(kind, {other: track for other, track in self.inputs[kind].items() if other != name})

    def _set_tracks(self, kind: str, tracks: Settings) -> list[Change]:
        before = self.inputs
        self.inputs = {**before, kind: tracks}
        return [] if self.inputs == before else [("on_inputs_updated", deepcopy(self.inputs))]

    def update_publishing(self, update: Any) -> list[Change]:
        """Carry out the verb `update_publishing`."""
        before = self.publishing
        try:
            self.publishing = updated_publishing(before, update)
        except JsonApiError as error:
            raise VerbError(f"Publishing settings were not valid {error}") from None
        return [] if self.publishing == before else [("on_publishing_updated", deepcopy(self.publishing))]

    def update_profiles(self, update: Any) -> list[Change]:
        """Carry out the verb `update_subscription_profiles`."""
        try:
            self.subscriptions.update_profiles(update)
        except JsonApiError as error:
            raise VerbError(f"Profile subscription settings were not valid {error}") from None
        return [("on_subscription_profiles_updated", self.subscriptions.profiles())]

    def update_subscriptions(self, participants: Any, profiles: Any) -> list[Change]:
        """Carry out the verb `update_subscriptions`, for participants by id and for all with a profile."""
        by_participant = _read(participant_changes, participants, "Participant subscription settings")
        by_profile = _read(profile_changes, profiles, "Profile subscription overrides")
        try:
            self.subscriptions.update(by_participant, by_profile)
        except UnknownProfile as error:
            raise VerbError(str(error)) from None
        return [("on_subscriptions_updated", self.subscriptions.as_dict())]

    def update_for_join(self, client_settings: Any) -> list[Change]:
        """Apply the `client_settings` of a join, except `connection`, which has no effect here."""
        if client_settings is None:
            return []
        try:
            refuse_unknown_keys(_object(client_settings), ("inputs", "publishing", "connection"))
        except JsonApiError as error:
            raise VerbError(f"Invalid client settings: {error}") from None
        return [
            *(self.update_inputs(client_settings["inputs"]) if "inputs" in client_settings else ()),
            *(self.update_publishing(client_settings["publishing"]) if "publishing" in client_settings else ()),
        ]


def _object(client_settings: Any) -> Settings:
    if not isinstance(client_settings, dict):
        raise JsonApiError("ClientSettings is not an object")
    return client_settings


def _read(parse: Callable[[Any], dict[str, Settings]], update: Any, what: str) -> dict[str, Settings]:
    try:
        return parse(update)
    except JsonApiError as error:
        raise VerbError(f"{what} were not valid {error}") from None
