"""Which call an INVITE with Replaces is to take the place of, and when it has to be refused (RFC 3891 §3)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from simulator.sip_dialog import Replaces
from simulator.useragent import messages
from simulator.useragent.call_handle import Call


@dataclass(frozen=True, slots=True)
class ReplacesRefusal:
    """The final response to an INVITE whose Replaces cannot be met; the call that it names goes on."""

    status: int
    reason: str
    explanation: str


_MALFORMED = ReplacesRefusal(400, "Bad Request", "Replaces needs one Call-ID with to-tag and from-tag")
_UNKNOWN = ReplacesRefusal(481, "Call/Transaction Does Not Exist", "no call has the dialog that Replaces names")
_ENDED = ReplacesRefusal(603, "Decline", "the call that Replaces names has ended")
_NOT_EARLY = ReplacesRefusal(486, "Busy Here", "Replaces is for an early dialog only, and the call has been answered")


def replaces_values(incoming: messages.Incoming) -> list[str]:
    """The values of the Replaces header fields of an INVITE."""
    return [value for name, value in incoming.headers if name.lower() == "replaces"]


def replaced_call(
    incoming: messages.Incoming, calls: Iterable[Call], ended_dialogs: Container[tuple[str, str, str]]
) -> Call | ReplacesRefusal:
    """The one of `calls` that an INVITE with Replaces names, or how the INVITE is to be refused.

    `ended_dialogs` has the `SipDialog.ids` of calls that have ended a while ago.
    """
    try:
        replaces = Replaces.parse(replaces_values(incoming))
    except ValueError:
        return _MALFORMED
    replaced = next((call for call in calls if call.dialog is not None and call.dialog.ids == replaces.ids), None)
    if replaced is None:
        return _ENDED if replaces.ids in ended_dialogs else _UNKNOWN
    if replaces.early_only and replaced.state == "answered":
        return _NOT_EARLY
    return replaced
