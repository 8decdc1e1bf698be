"""Events of the signalling that are handed on as they are, as calls of an event handler."""

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
_ONE_FIELD = {"dialin-ready": "sipEndpoint", "participant-counts-updated": "participantCounts"}


def told(event: dict[str, Any]) -> tuple[Any, ...] | None:
    """The callback's name and its arguments; None for events that daily-python has no callback for.

    Telephony events lose `action`; a failure's text is in `errorMsg`, as daily-js calls it, and in `message`, as
    daily-python's documentation does.
    """
    action = event["action"]
    name = "on_" + action.replace("-", "_")
    if action in _WITH_DATA:
        data = {key: value for key, value in event.items() if key not in ("action", "callClientId")}
        if "errorMsg" in data:
            data.setdefault("message", data["errorMsg"])
        return name, data
    if action in _ONE_FIELD:
        return name, event[_ONE_FIELD[action]]
    if action == "app-message":
        return name, event["data"], event["fromId"]
    return None
