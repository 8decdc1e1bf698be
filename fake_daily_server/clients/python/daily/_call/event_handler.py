"""EventHandler: the base class for handlers of a client's events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

Data = Mapping[str, Any]


class EventHandler:
    """Receives the events of a client: override methods in a subclass, and pass an instance to `CallClient`.

    The methods are called one after the other, in order, on the client's callback thread; exceptions in them go to
    `sys.unraisablehook`. As with daily-python, a subclass needs its own `__new__` if its constructor takes keyword
    arguments.
    """

    __slots__ = ()

    def __new__(cls, *args: Any) -> Self:
        return super().__new__(cls)

    def on_active_speaker_changed(self, participant: Data) -> None:
        """Called after `participant` has become the active speaker."""

    def on_app_message(self, message: Any, sender: str) -> None:
        """Called for a message from the participant with the id `sender`, or from the REST API (`*`)."""

    def on_available_devices_updated(self, available_devices: Data) -> None:
        """Never called: the available devices do not change."""

    def on_call_state_updated(self, state: str) -> None:
        """Called after the call state has changed to `joining`, `joined`, `leaving` or `left`."""

    def on_dialin_connected(self, data: Data) -> None:
        """Called after an incoming call has been accepted."""

    def on_dialin_error(self, data: Data) -> None:
        """Called after an incoming call has failed."""

    def on_dialin_ready(self, sip_endpoint: str) -> None:
        """Called when the room starts to accept calls to this SIP endpoint."""

    def on_dialin_stopped(self, data: Data) -> None:
        """Called after an incoming call has ended."""

    def on_dialin_warning(self, data: Data) -> None:
        """Called if an incoming call continues with a problem, such as a codec fallback."""

    def on_dialout_answered(self, data: Data) -> None:
        """Called after the far end of a dial-out has answered."""

    def on_dialout_connected(self, data: Data) -> None:
        """Called when the far end of a dial-out rings; `sessionId` is the session id of the call."""

    def on_dialout_error(self, data: Data) -> None:
        """Called after a dial-out has failed in the network, such as busy; not if `start_dialout` itself fails."""

    def on_dialout_stopped(self, data: Data) -> None:
        """Called after a dial-out has ended."""

    def on_dialout_warning(self, data: Data) -> None:
        """Called if a dial-out continues with a problem, such as a codec fallback."""

    def on_dtmf_event(self, data: Data) -> None:
        """Called for each DTMF digit, `tone`, from the far end of a call."""

    def on_error(self, message: str) -> None:
        """Called after a verb has failed, following its completion, or after the call has ended with an error."""

    def on_inputs_updated(self, input_settings: Data) -> None:
        """Called after a change of the inputs, with all input settings."""

    def on_live_stream_error(self, stream_id: str, message: str) -> None:
        """Never called: the fake Daily has no live streaming."""

    def on_live_stream_started(self, status: Data) -> None:
        """Never called: the fake Daily has no live streaming."""

    def on_live_stream_stopped(self, stream_id: str) -> None:
        """Never called: the fake Daily has no live streaming."""

    def on_live_stream_updated(self, update: Data) -> None:
        """Never called: the fake Daily has no live streaming."""

    def on_live_stream_warning(self, stream_id: str, message: str) -> None:
        """Never called: the fake Daily has no live streaming."""

    def on_network_connection_status_updated(self, status: Data) -> None:
        """Called after the connection was lost (`event` is `interrupted`) or restored (`connected`)."""

    def on_network_stats_updated(self, stats: Data) -> None:
        """Never called: the network quality on loopback is always good."""

    def on_participant_counts_updated(self, counts: Data) -> None:
        """Called after a change of the number of participants: `{present, hidden}`."""

    def on_participant_joined(self, participant: Data) -> None:
        """Called after a participant has joined, and after the client's own join for each present participant."""

    def on_participant_left(self, participant: Data, reason: str) -> None:
        """Called after a participant has left (`reason` is `leftCall`) or has become hidden (`hidden`)."""

    def on_participant_updated(self, participant: Data) -> None:
        """Called after a participant, or the client itself, has changed."""

    def on_publishing_updated(self, publishing_settings: Data) -> None:
        """Called after a change of the publishing settings, with all of them."""

    def on_recording_error(self, stream_id: str, message: str) -> None:
        """Never called: the fake Daily has no recording."""

    def on_recording_started(self, status: Data) -> None:
        """Never called: the fake Daily has no recording."""

    def on_recording_stopped(self, stream_id: str) -> None:
        """Never called: the fake Daily has no recording."""

    def on_subscription_profiles_updated(self, subscription_profiles: Data) -> None:
        """Called after a change of the subscription profiles, with all of them."""

    def on_subscriptions_updated(self, subscriptions: Data) -> None:
        """Called after a change of subscriptions to single participants, with all of them."""

    def on_transcription_error(self, message: str) -> None:
        """Never called: the fake Daily has no transcription."""

    def on_transcription_message(self, message: Data) -> None:
        """Never called: the fake Daily has no transcription."""

    def on_transcription_started(self, status: Data) -> None:
        """Never called: the fake Daily has no transcription."""

    def on_transcription_stopped(self, stopped_by: str, stopped_by_error: bool) -> None:
        """Never called: the fake Daily has no transcription."""

    def on_transcription_updated(self, update: Data) -> None:
        """Never called: the fake Daily has no transcription."""


EventHandler.__module__ = "daily"


def is_event_handler(handler: object) -> bool:
    """Whether `handler` is an instance of EventHandler, of this module or of a daily-python imported earlier."""
    return any(base.__name__ == "EventHandler" and base.__module__ == "daily" for base in type(handler).__mro__)
