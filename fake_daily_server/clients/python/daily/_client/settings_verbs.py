"""SettingsVerbs: inputs, publishing, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._native.arguments import json_copy
from .verbs import Completion, Verbs

Settings = Mapping[str, Any]


class SettingsVerbs(Verbs):
    """The verbs for settings, in and outside a call. The getters return the value of the latest callback."""

    __slots__ = ()

    def inputs(self) -> Settings:
        """Return `InputSettings`: camera, microphone, screen, and custom tracks."""
        return self._latest("inputs")

    def update_inputs(self, input_settings: Settings, completion: Completion | None = None) -> None:
        """Change the named inputs. The value of an input may be a bool, as shorthand for `isEnabled`."""
        update = json_copy(input_settings)
        self._start_update("updateInputs", lambda: self._settings.update_inputs(update), "Inputs", completion)

    def publishing(self) -> Settings:
        """Return `PublishingSettings`: which media the client sends, and how."""
        return self._latest("publishing")

    def update_publishing(self, publishing_settings: Settings, completion: Completion | None = None) -> None:
        """Change which media the client sends. Send settings have no effect here: media are not encoded."""
        update = json_copy(publishing_settings)
        self._start_update(
            "updatePublishing", lambda: self._settings.update_publishing(update), "Publishing", completion
        )

    def subscriptions(self) -> Settings:
        """Return `ParticipantSubscriptions` for the participants that have individual subscription settings."""
        return self._latest("subscriptions")

    def update_subscriptions(
        self,
        participant_settings: Settings | None = None,
        profile_settings: Settings | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Change whose media the client receives, for participants by id and for all participants with a profile."""
        participants, profiles = json_copy(participant_settings), json_copy(profile_settings)
        self._start_update(
            "updateSubscriptions",
            lambda: self._settings.update_subscriptions(participants, profiles),
            "Subscription",
            completion,
        )

    def subscription_profiles(self) -> Settings:
        """Return `SubscriptionProfileSettings`: the subscription profiles by name. The default profile is `base`."""
        return self._latest("subscription_profiles")

    def update_subscription_profiles(self, profile_settings: Settings, completion: Completion | None = None) -> None:
        """Change subscription profiles, or create new ones."""
        update = json_copy(profile_settings)
        self._start_update(
            "updateSubscriptionProfiles", lambda: self._settings.update_profiles(update), "Subscription", completion
        )
