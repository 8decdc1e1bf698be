"""The webhook events that the fake sends: for each type, its payload model and the word in its ids.

Everything else about these events is derived from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fake_daily_server.webhooks import payloads
from fake_daily_server.webhooks.event_types import EventType


@dataclass(frozen=True, slots=True)
class SentEvent:
    """The form of the events of one type."""

    payload: type[payloads.Payload]
    id_word: str
    """The part of an event's `id` that names its type, as in the samples on Daily's pages."""


SENT_EVENTS: Mapping[EventType, SentEvent] = MappingProxyType(
    {
        "meeting.started": SentEvent(payloads.Meeting, "met-sta"),
        "meeting.ended": SentEvent(payloads.MeetingEnded, "met-end"),
        "participant.joined": SentEvent(payloads.Participant, "ptcpt-join"),
        "participant.left": SentEvent(payloads.ParticipantLeft, "ptcpt-left"),
        "dialin.ready": SentEvent(payloads.DialinReady, "dial-in-ready"),
        "dialin.connected": SentEvent(payloads.Dialin, "dial-in-con"),
        "dialin.stopped": SentEvent(payloads.Dialin, "dial-in-stop"),
        "dialin.warning": SentEvent(payloads.DialinTrouble, "dial-in-warn"),
        "dialin.error": SentEvent(payloads.DialinTrouble, "dial-in-err"),
        "dialout.connected": SentEvent(payloads.Dialout, "dial-out-con"),
        "dialout.answered": SentEvent(payloads.Dialout, "dial-out-ans"),
        "dialout.stopped": SentEvent(payloads.Dialout, "dial-out-stop"),
        "dialout.warning": SentEvent(payloads.DialoutWarning, "dial-out-warn"),
        "dialout.error": SentEvent(payloads.DialoutError, "dial-out-err"),
        "calltransfer.triggered": SentEvent(payloads.TransferBegun, "call-transfer-trig"),
        "calltransfer.initiated": SentEvent(payloads.TransferBegun, "call-transfer-init"),
        "calltransfer.answered": SentEvent(payloads.Transfer, "call-transfer-ans"),
        "calltransfer.completed": SentEvent(payloads.Transfer, "call-transfer-completed"),
    }
)

PAYLOADS: Mapping[EventType, type[payloads.Payload]] = MappingProxyType(
    {event_type: sent.payload for event_type, sent in SENT_EVENTS.items()}
)
"""The payload model of each event type that the fake sends."""
