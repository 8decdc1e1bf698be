"""Maps events of the signalling to methods of the event handler."""

from __future__ import annotations

from typing import Any

_WITH_DATA = frozenset(
    {
        "dialin-connected",
        "dialin-error",
        "dialin-stopped",
        "dialin-warning",
        "dialout-answered",
        "dialout-connected",
        "dialout-error",
        "dialout-stopped",
        "dialout-warning",
        "dtmf-event",
    }
)
"""Events whose callback receives all fields of the event."""
_WITH_ONE_FIELD = {"dialin-ready": "sipEndpoint", "participant-counts-updated": "participantCounts"}


def callback_of_event(event: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return the name of an event's callback and the arguments; None for events without a callback in daily-python.

    `action` is removed from telephony events. The text of a failure is in `errorMsg`, as in daily-js, and in `message`,
    as daily-python documents.
    """
    action = event["action"]
    name = "on_" + action.replace("-", "_")
    if action in _WITH_DATA:
        data = {key: value for key, value in event.items() if key not in ("action", "callClientId")}
        if "errorMsg" in data:
            data.setdefault("message", data["errorMsg"])
        return name, data
    if action in _WITH_ONE_FIELD:
        return name, event[_WITH_ONE_FIELD[action]]
    if action == "app-message":
        return name, event["data"], event["fromId"]
    return None
