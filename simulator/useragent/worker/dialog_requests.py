"""Which requests of a dialog are answered here instead of by PJSIP, and how.

PJSIP answers 500 to each request within a dialog that none of its parts handles, does not answer a re-INVITE to a call
that has ended, and ignores Require in a re-INVITE.

    481  the call has ended; a NOTIFY without a subscription (RFC 3261 §15.1.2, RFC 6665 §4.1.3)
    420  an extension is required that is not supported (RFC 3261 §8.2.2.3); but a BYE ends the call in any case
    200  OPTIONS (RFC 3261 §11.2)
    489  SUBSCRIBE, and NOTIFY of another package than `refer` (RFC 6665 §4.2.1.1, §4.1.3)
    405  a method that is not supported (RFC 3261 §8.2.1)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from simulator.sip_bytes import Message, shown, split_list
from simulator.sip_methods import ALLOW, ALLOW_EVENTS, EXTENSIONS, METHODS, SUPPORTED

_WITH_ALLOW = (("Allow", ALLOW),)
_OPTIONS_HEADERS = (*_WITH_ALLOW, ("Accept", "application/sdp"), ("Supported", SUPPORTED))


class CallState(Enum):
    """The state of a dialog's call, as far as the responses to requests within the dialog depend on it."""

    UP = auto()
    """It exists, answered or not."""
    HUNG_UP_HERE = auto()
    """It has ended on this side; the peer's BYE may have crossed ours."""
    OVER = auto()
    """Its peer has ended it."""


@dataclass(frozen=True, slots=True)
class Response:
    """A final response: status code, reason phrase (None for PJSIP's own), and additional header fields."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


UNKNOWN_CALL = Response(481)
_BAD_EVENT = Response(489, "Bad Event", (("Allow-Events", ALLOW_EVENTS),))


def own_response(request: Message, state: CallState, *, awaits_notify: bool) -> Response | None:
    """The response to a request within a dialog, not an ACK or CANCEL; None when PJSIP is to handle it.

    `awaits_notify` tells whether a REFER of ours has a subscription.
    """
    method = request.start.partition(b" ")[0].decode("latin-1")
    if state is CallState.OVER or (state is CallState.HUNG_UP_HERE and method != "BYE"):
        return UNKNOWN_CALL
    unsupported = _unsupported_extensions(request)
    if unsupported and method != "BYE":
        return Response(420, "Bad Extension", (("Unsupported", unsupported),))
    match method:
        case "OPTIONS":
            return Response(200, None, _OPTIONS_HEADERS)
        case "SUBSCRIBE":
            return _BAD_EVENT
        case "NOTIFY":
            return _response_to_notify(request, awaits_notify=awaits_notify)
    return None if method in METHODS else Response(405, "Method Not Allowed", _WITH_ALLOW)


def _response_to_notify(request: Message, *, awaits_notify: bool) -> Response | None:
    package = (request.value(b"event") or b"").partition(b";")[0].strip().lower()
    if package != ALLOW_EVENTS.encode():
        return _BAD_EVENT
    return None if awaits_notify else UNKNOWN_CALL


def _unsupported_extensions(request: Message) -> str:
    """The option tags of Require that are not supported, separated by commas; empty when there is none."""
    required = [tag.strip() for value in request.values(b"require") for tag in split_list(value)]
    unknown = [tag for tag in required if tag and tag.decode("latin-1").lower() not in EXTENSIONS]
    return ", ".join(shown(tag) for tag in unknown)
