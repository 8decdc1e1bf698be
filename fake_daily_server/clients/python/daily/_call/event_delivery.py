"""EventDelivery: calls the event handler, and keeps the latest values for the getters of a client."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .._settings.client_settings import Change, ClientSettings
from .._threads.dispatcher import Dispatcher
from .event_handler import EventHandler
from .participants import CallParticipants

_GETTERS = {
    "on_active_speaker_changed": "active_speaker",
    "on_inputs_updated": "inputs",
    "on_participant_counts_updated": "participant_counts",
    "on_publishing_updated": "publishing",
    "on_subscription_profiles_updated": "subscription_profiles",
    "on_subscriptions_updated": "subscriptions",
}
"""The getter that returns the latest value of each callback, by callback."""


class EventDelivery:
    """The queue of callbacks and completions of one client. May be used from any thread."""

    def __init__(self, handler: EventHandler | None, settings: ClientSettings) -> None:
        self.dispatcher = Dispatcher()
        self._handler = handler
        self._latest: dict[str, Any] = {
            "active_speaker": None,
            "inputs": deepcopy(settings.inputs),
            "participant_counts": {"hidden": 0, "present": 0},
            "publishing": deepcopy(settings.publishing),
            "subscription_profiles": settings.subscriptions.profiles(),
            "subscriptions": settings.subscriptions.as_dict(),
        }

    def latest(self, getter: str) -> Any:
        """Return the value of a getter: the one that the latest callback received, as measured on daily-python."""
        return self._latest[getter]

    def emit(self, callback: str, *args: Any) -> None:
        """Queue a call of the event handler's method `callback`."""
        self.dispatcher.post(self._deliver, callback, args)

    def emit_changes(self, changes: list[Change], participants: CallParticipants) -> None:
        """Queue the callbacks of changed settings, and of the participants that change because of them."""
        for callback, settings in changes:
            self.emit(callback, settings)
        for participant in participants.take_changed():
            self.emit("on_participant_updated", participant)

    def complete(self, completion: Callable[..., object], *args: Any) -> None:
        """Queue the completion of a verb."""
        self.dispatcher.post(completion, *args)

    def _deliver(self, callback: str, args: tuple[Any, ...]) -> None:
        if callback in _GETTERS:
            self._latest[_GETTERS[callback]] = deepcopy(args[0])
        method = getattr(self._handler, callback, None)
        if method is not None:
            method(*args)
