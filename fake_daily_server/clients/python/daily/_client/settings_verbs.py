"""SettingsVerbs: inputs, publishing, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._native.arguments import json_copy
from .verbs import Completion, Verbs

Settings = Mapping[str, Any]


class SettingsVerbs(Verbs):
    """Settings apply before a call, during it and after it. The getters return the value of the latest callback."""

    __slots__ = ()

    def inputs(self) -> Settings:
        """Return `InputSettings`: camera, microphone, screen, and custom tracks."""
        return self._latest("inputs")

    def update_inputs(self, input_settings: Settings, completion: Completion | None = None) -> None:
        """Change inputs; those that are not named stay. The value of an input may be a bool for `isEnabled`."""
        update = json_copy(input_settings)
        self._start_update("updateInputs", lambda: self._settings.update_inputs(update), "Inputs", completion)

    def publishing(self) -> Settings:
        """Return `PublishingSettings`: what is sent, and how."""
        return self._latest("publishing")

    def update_publishing(self, publishing_settings: Settings, completion: Completion | None = None) -> None:
        """Change what is sent. Send settings have no effect here: media are not encoded."""
        update = json_copy(publishing_settings)
        self._start_update(
            "updatePublishing", lambda: self._settings.update_publishing(update), "Publishing", completion
        )

    def subscriptions(self) -> Settings:
        """Return `ParticipantSubscriptions`, of those participants that have subscription settings of their own."""
        return self._latest("subscriptions")

    def update_subscriptions(
        self,
        participant_settings: Settings | None = None,
        profile_settings: Settings | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Change whose media are received: of participants by id, and of all participants with a profile."""
        participants, profiles = json_copy(participant_settings), json_copy(profile_settings)
        self._start_update(
            "updateSubscriptions",
            lambda: self._settings.update_subscriptions(participants, profiles),
            "Subscription",
            completion,
        )

    def subscription_profiles(self) -> Settings:
        """Return `SubscriptionProfileSettings`: the profiles by name. The default profile is `base`."""
        return self._latest("subscription_profiles")

    def update_subscription_profiles(self, profile_settings: Settings, completion: Completion | None = None) -> None:
        """Change profiles, or create new ones."""
        update = json_copy(profile_settings)
        self._start_update(
            "updateSubscriptionProfiles", lambda: self._settings.update_profiles(update), "Subscription", completion
        )
