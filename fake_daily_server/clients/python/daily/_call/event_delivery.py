"""What a client's event handler is told, and what the getters show, which is what was told last."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .._settings.client_settings import Change, ClientSettings
from .._threads.dispatcher import Dispatcher
from .event_handler import EventHandler
from .participants import People

_SHOWN = {
    "on_active_speaker_changed": "active_speaker",
    "on_inputs_updated": "inputs",
    "on_participant_counts_updated": "participant_counts",
    "on_publishing_updated": "publishing",
    "on_subscription_profiles_updated": "subscription_profiles",
    "on_subscriptions_updated": "subscriptions",
}
"""Callbacks, and the getter that shows what they told."""


class Told:
    """The way to a client's event handler. May be used from any thread."""

    def __init__(self, handler: EventHandler | None, settings: ClientSettings) -> None:
        self.dispatcher = Dispatcher()
        self._handler = handler
        self._shown: dict[str, Any] = {
            "active_speaker": None,
            "inputs": deepcopy(settings.inputs),
            "participant_counts": {"hidden": 0, "present": 0},
            "publishing": deepcopy(settings.publishing),
            "subscription_profiles": settings.subscriptions.profiles(),
            "subscriptions": settings.subscriptions.shown(),
        }

    def shown(self, getter: str) -> Any:
        """What a getter shows: as of the latest callback, as measured on daily-python."""
        return self._shown[getter]

    def tell(self, callback: str, *args: Any) -> None:
        """Have a method of the event handler called."""
        self.dispatcher.post(self._deliver, callback, args)

    def changes(self, changes: list[Change], people: People) -> None:
        """Tell changed settings, and who looks otherwise for it."""
        for callback, settings in changes:
            self.tell(callback, settings)
        for person in people.changed():
            self.tell("on_participant_updated", person)

    def completed(self, completion: Callable[..., object], *args: Any) -> None:
        """Have a completion called."""
        self.dispatcher.post(completion, *args)

    def _deliver(self, callback: str, args: tuple[Any, ...]) -> None:
        if callback in _SHOWN:
            self._shown[_SHOWN[callback]] = deepcopy(args[0])
        method = getattr(self._handler, callback, None)
        if method is not None:
            method(*args)
