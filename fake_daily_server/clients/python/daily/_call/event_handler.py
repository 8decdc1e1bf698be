"""EventHandler: the base class of handlers for a client's events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

Data = Mapping[str, Any]


class EventHandler:
    """Override the methods of interest in a subclass, and pass an instance to `CallClient`.

    The methods are called one after the other, in order, on a thread of the client's own; an exception in one goes to
    `sys.unraisablehook`. As with daily-python, a subclass needs its own `__new__` if its constructor takes keyword
    arguments.
    """

    __slots__ = ()

    def __new__(cls, *args: Any) -> Self:
        return super().__new__(cls)

    def on_active_speaker_changed(self, participant: Data) -> None:
        """Another participant speaks."""

    def on_app_message(self, message: Any, sender: str) -> None:
        """A message has arrived from the participant with the id `sender`, or from the REST API."""

    def on_available_devices_updated(self, available_devices: Data) -> None:
        """Not called here: the available devices do not change."""

    def on_call_state_updated(self, state: str) -> None:
        """The call state is now `joining`, `joined`, `leaving` or `left`."""

    def on_dialin_connected(self, data: Data) -> None:
        """A caller is connected."""

    def on_dialin_error(self, data: Data) -> None:
        """A dial-in has failed."""

    def on_dialin_ready(self, sip_endpoint: str) -> None:
        """The room accepts calls to this SIP endpoint from now on."""

    def on_dialin_stopped(self, data: Data) -> None:
        """The call of a caller has ended."""

    def on_dialin_warning(self, data: Data) -> None:
        """A dial-in continues with a problem."""

    def on_dialout_answered(self, data: Data) -> None:
        """The called party has answered."""

    def on_dialout_connected(self, data: Data) -> None:
        """The called phone rings; `sessionId` is the session id of the call."""

    def on_dialout_error(self, data: Data) -> None:
        """A dial-out has failed in the network, for example busy. Not called when `start_dialout` itself fails."""

    def on_dialout_stopped(self, data: Data) -> None:
        """A dial-out has ended."""

    def on_dialout_warning(self, data: Data) -> None:
        """A dial-out continues with a problem."""

    def on_dtmf_event(self, data: Data) -> None:
        """A call has sent the digit `tone`."""

    def on_error(self, message: str) -> None:
        """A verb has failed (its completion is called first), or the call has ended with an error."""

    def on_inputs_updated(self, input_settings: Data) -> None:
        """The inputs have changed; these are all of them."""

    def on_live_stream_error(self, stream_id: str, message: str) -> None:
        """Not called here: there is no live streaming."""

    def on_live_stream_started(self, status: Data) -> None:
        """Not called here."""

    def on_live_stream_stopped(self, stream_id: str) -> None:
        """Not called here."""

    def on_live_stream_updated(self, update: Data) -> None:
        """Not called here."""

    def on_live_stream_warning(self, stream_id: str, message: str) -> None:
        """Not called here."""

    def on_network_connection_status_updated(self, status: Data) -> None:
        """The connection was lost or restored: `{connection: signalling, event: connected or interrupted}`."""

    def on_network_stats_updated(self, stats: Data) -> None:
        """Not called here: the network quality on loopback is always good."""

    def on_participant_counts_updated(self, counts: Data) -> None:
        """The number of participants has changed: `{present, hidden}`."""

    def on_participant_joined(self, participant: Data) -> None:
        """A participant has joined. Also called after a join, for those who joined earlier."""

    def on_participant_left(self, participant: Data, reason: str) -> None:
        """A participant has left (`leftCall`), or has become `hidden`."""

    def on_participant_updated(self, participant: Data) -> None:
        """A participant has changed, or the client itself."""

    def on_publishing_updated(self, publishing_settings: Data) -> None:
        """The publishing settings have changed; these are all of them."""

    def on_recording_error(self, stream_id: str, message: str) -> None:
        """Not called here: there is no recording."""

    def on_recording_started(self, status: Data) -> None:
        """Not called here."""

    def on_recording_stopped(self, stream_id: str) -> None:
        """Not called here."""

    def on_subscription_profiles_updated(self, subscription_profiles: Data) -> None:
        """The subscription profiles have changed; these are all of them."""

    def on_subscriptions_updated(self, subscriptions: Data) -> None:
        """Subscriptions of single participants have changed; these are all of them."""

    def on_transcription_error(self, message: str) -> None:
        """Not called here: there is no transcription."""

    def on_transcription_message(self, message: Data) -> None:
        """Not called here."""

    def on_transcription_started(self, status: Data) -> None:
        """Not called here."""

    def on_transcription_stopped(self, stopped_by: str, stopped_by_error: bool) -> None:
        """Not called here."""

    def on_transcription_updated(self, update: Data) -> None:
        """Not called here."""


EventHandler.__module__ = "daily"


def is_event_handler(handler: object) -> bool:
    """Whether this is an instance of EventHandler, of this module or of a daily-python that was imported earlier."""
    return any(base.__name__ == "EventHandler" and base.__module__ == "daily" for base in type(handler).__mro__)
