"""EventHandler: the base class of what is told about a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

Data = Mapping[str, Any]


class EventHandler:
    """Subclass it, override the methods you care about, and give it to a `CallClient`.

    They are called one after the other, in order, on a thread of the client's own; what one raises goes to
    `sys.unraisablehook`. A subclass whose constructor takes keyword arguments needs a `__new__` of its own, as with
    daily-python.
    """

    __slots__ = ()

    def __new__(cls, *args: Any) -> Self:
        return super().__new__(cls)

    def on_active_speaker_changed(self, participant: Data) -> None:
        """Somebody else speaks."""

    def on_app_message(self, message: Any, sender: str) -> None:
        """A message from another participant, by its id, or from the REST API."""

    def on_available_devices_updated(self, available_devices: Data) -> None:
        """Never told here: devices do not come and go."""

    def on_call_state_updated(self, state: str) -> None:
        """`joining`, `joined`, `leaving` or `left`."""

    def on_dialin_connected(self, data: Data) -> None:
        """A caller is connected."""

    def on_dialin_error(self, data: Data) -> None:
        """A dial-in has failed."""

    def on_dialin_ready(self, sip_endpoint: str) -> None:
        """Calls to this SIP endpoint reach the room from now on."""

    def on_dialin_stopped(self, data: Data) -> None:
        """A caller has gone."""

    def on_dialin_warning(self, data: Data) -> None:
        """Something about a dial-in that goes on."""

    def on_dialout_answered(self, data: Data) -> None:
        """The phone was picked up."""

    def on_dialout_connected(self, data: Data) -> None:
        """The phone rings; `sessionId` is of the call."""

    def on_dialout_error(self, data: Data) -> None:
        """A dial-out has failed in the network: busy, no answer and so on. Not told when `start_dialout` fails."""

    def on_dialout_stopped(self, data: Data) -> None:
        """A dial-out has ended."""

    def on_dialout_warning(self, data: Data) -> None:
        """Something about a dial-out that goes on."""

    def on_dtmf_event(self, data: Data) -> None:
        """A phone has pressed the key `tone`."""

    def on_error(self, message: str) -> None:
        """A verb has failed (its completion hears of it first), or the call has."""

    def on_inputs_updated(self, input_settings: Data) -> None:
        """The inputs are these now."""

    def on_live_stream_error(self, stream_id: str, message: str) -> None:
        """Never told here: there is no live streaming."""

    def on_live_stream_started(self, status: Data) -> None:
        """Never told here."""

    def on_live_stream_stopped(self, stream_id: str) -> None:
        """Never told here."""

    def on_live_stream_updated(self, update: Data) -> None:
        """Never told here."""

    def on_live_stream_warning(self, stream_id: str, message: str) -> None:
        """Never told here."""

    def on_network_connection_status_updated(self, status: Data) -> None:
        """`{connection: signalling, event: connected or interrupted}`."""

    def on_network_stats_updated(self, stats: Data) -> None:
        """Never told here: loopback is always good."""

    def on_participant_counts_updated(self, counts: Data) -> None:
        """`{present, hidden}`."""

    def on_participant_joined(self, participant: Data) -> None:
        """Somebody is there: told also of those who were there before, after the join."""

    def on_participant_left(self, participant: Data, reason: str) -> None:
        """Somebody has gone: `leftCall`, or only become `hidden`."""

    def on_participant_updated(self, participant: Data) -> None:
        """Somebody has changed, perhaps this client itself."""

    def on_publishing_updated(self, publishing_settings: Data) -> None:
        """The publishing settings are these now."""

    def on_recording_error(self, stream_id: str, message: str) -> None:
        """Never told here: there is no recording."""

    def on_recording_started(self, status: Data) -> None:
        """Never told here."""

    def on_recording_stopped(self, stream_id: str) -> None:
        """Never told here."""

    def on_subscription_profiles_updated(self, subscription_profiles: Data) -> None:
        """The profiles are these now."""

    def on_subscriptions_updated(self, subscriptions: Data) -> None:
        """What is said of single participants is this now."""

    def on_transcription_error(self, message: str) -> None:
        """Never told here: there is no transcription."""

    def on_transcription_message(self, message: Data) -> None:
        """Never told here."""

    def on_transcription_started(self, status: Data) -> None:
        """Never told here."""

    def on_transcription_stopped(self, stopped_by: str, stopped_by_error: bool) -> None:
        """Never told here."""

    def on_transcription_updated(self, update: Data) -> None:
        """Never told here."""


EventHandler.__module__ = "daily"


def is_event_handler(handler: object) -> bool:
    """Whether it is one, of this module or of a daily-python that was imported before."""
    return any(base.__name__ == "EventHandler" and base.__module__ == "daily" for base in type(handler).__mro__)
