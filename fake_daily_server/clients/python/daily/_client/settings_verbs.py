"""CallClient: inputs, publishing, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._native.arguments import plain
from .verbs import Completion, Verbs

Settings = Mapping[str, Any]


class SettingsVerbs(Verbs):
    """They hold before a call, in it and after it. The getters show what the latest callback told."""

    __slots__ = ()

    def inputs(self) -> Settings:
        """`InputSettings`: the camera, the microphone, and the tracks of one's own."""
        return self._shown("inputs")

    def update_inputs(self, input_settings: Settings, completion: Completion | None = None) -> None:
        """Change inputs; what is not named stays. A medium may be a bool for `isEnabled`."""
        update = plain(input_settings)
        self._change("updateInputs", lambda: self._settings.update_inputs(update), "Inputs", completion)

    def publishing(self) -> Settings:
        """`PublishingSettings`: what is sent, and how."""
        return self._shown("publishing")

    def update_publishing(self, publishing_settings: Settings, completion: Completion | None = None) -> None:
        """Change what is sent. How it is sent has no effect here: sound travels as it is."""
        update = plain(publishing_settings)
        self._change("updatePublishing", lambda: self._settings.update_publishing(update), "Publishing", completion)

    def subscriptions(self) -> Settings:
        """`ParticipantSubscriptions`: of those participants for whom something was said."""
        return self._shown("subscriptions")

    def update_subscriptions(
        self,
        participant_settings: Settings | None = None,
        profile_settings: Settings | None = None,
        completion: Completion | None = None,
    ) -> None:
        """Change whose media are received: of participants by id, and of all participants with a profile."""
        people, profiles = plain(participant_settings), plain(profile_settings)
        self._change(
            "updateSubscriptions",
            lambda: self._settings.update_subscriptions(people, profiles),
            "Subscription",
            completion,
        )

    def subscription_profiles(self) -> Settings:
        """`SubscriptionProfileSettings`: the profiles by name. Participants have `base` unless said otherwise."""
        return self._shown("subscription_profiles")

    def update_subscription_profiles(self, profile_settings: Settings, completion: Completion | None = None) -> None:
        """Change profiles, or make new ones."""
        update = plain(profile_settings)
        self._change(
            "updateSubscriptionProfiles", lambda: self._settings.update_profiles(update), "Subscription", completion
        )
