"""The events that a client can be told of, and the fields that each can have; for finding mistyped ones early."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel

from fake_daily_server.telephony.events import AnyTelephonyEvent

_EVERY_EVENT = frozenset({"action", "callClientId"})


def _telephony() -> dict[str, frozenset[str]]:
    models: tuple[type[BaseModel], ...] = get_args(get_args(AnyTelephonyEvent)[0])
    return {
        model.model_fields["action"].default: _EVERY_EVENT
        | {field.alias or name for name, field in model.model_fields.items()}
        for model in models
    }


EVENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **_telephony(),
        "joined-meeting": _EVERY_EVENT | {"participants"},
        "left-meeting": _EVERY_EVENT,
        "participant-joined": _EVERY_EVENT | {"participant"},
        "participant-updated": _EVERY_EVENT | {"participant"},
        "participant-left": _EVERY_EVENT | {"participant", "reason"},
        "participant-counts-updated": _EVERY_EVENT | {"participantCounts"},
        "meeting-session-summary-updated": _EVERY_EVENT | {"meetingSession"},
        "meeting-session-state-updated": _EVERY_EVENT | {"meetingSessionState"},
        "app-message": _EVERY_EVENT | {"data", "fromId"},
        "error": _EVERY_EVENT | {"errorMsg", "error"},
        "nonfatal-error": _EVERY_EVENT | {"type", "errorMsg", "details"},
    }
)
"""Top-level fields by event name."""
