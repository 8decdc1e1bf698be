"""Events of the signalling as calls of an event handler."""

from __future__ import annotations

from typing import Any

from ._participants import participant

_WITH_DATA = (
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
)


def told(event: dict[str, Any]) -> tuple[Any, ...] | None:
    """The callback's name and its arguments; None when daily-python has no callback for this event."""
    action = event["action"]
    name = "on_" + action.replace("-", "_")
    if action in _WITH_DATA:
        data = {key: value for key, value in event.items() if key not in ("action", "callClientId")}
        if "errorMsg" in data:
            data["message"] = data["errorMsg"]
        return name, data
    match action:
        case "participant-joined" | "participant-updated":
            return name, participant(event["participant"])
        case "participant-left":
            return name, participant(event["participant"]), event.get("reason", "leftCall")
        case "participant-counts-updated":
            return name, event["participantCounts"]
        case "app-message":
            return name, event["data"], event["fromId"]
        case "dialin-ready":
            return name, event["sipEndpoint"]
        case "error":
            return name, event["errorMsg"]
    return None
