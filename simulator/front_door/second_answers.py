"""Calls that are answered twice, as after forking by a proxy elsewhere: two 200s with different To tags.

The caller acknowledges each, keeps one and ends the other with BYE (RFC 3261 §13.2.2.4). The second branch exists only
here: its 200 is a copy of the first with a tag and a Contact of its own, and its ACK and BYE end here.
"""

from __future__ import annotations

from collections import deque

from simulator.front_door.own_responses import response_to
from simulator.sip_bytes import Address, read
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.sip_requests.request import Request
from simulator.sip_requests.screening import screen

_TAG_END = b"-second"
_MOST_CALLS = 500
"""Calls that are remembered, the newest ones."""


class SecondAnswers:
    """The calls that are to be answered twice, by Call-ID."""

    def __init__(self) -> None:
        self._expected: deque[str] = deque(maxlen=_MOST_CALLS)

    def __bool__(self) -> bool:
        return bool(self._expected)

    def expect(self, call_id: str) -> None:
        """Let a second branch answer this call, too, whenever the first one sends its 200."""
        self._expected.append(call_id)

    def clear(self) -> None:
        """Forget all calls."""
        self._expected.clear()

    def copies(self, forwarded: list[Outgoing], contact: str) -> list[tuple[str, Outgoing]]:
        """The 200s of second branches for those among forwarded messages, each with its Call-ID.

        `contact` is the host and port of the second branch.
        """
        found: list[tuple[str, Outgoing]] = []
        for data, hop in forwarded:
            message = read(data)
            call_id = (message.value(b"call-id") or b"").decode("latin-1")
            answers_invite = message.start.startswith(b"SIP/2.0 200 ") and b"INVITE" in (message.value(b"cseq") or b"")
            tag = _to_tag(message.value(b"to"))
            if not answers_invite or call_id not in self._expected or tag is None:
                continue
            own = {
                b"to": b"To: " + (message.value(b"to") or b"").replace(tag, tag + _TAG_END),
                b"contact": f"Contact: <sip:second@{contact}>".encode(),
            }
            message.fields = [(name, own.get(name, line)) for name, line in message.fields]
            found.append((call_id, (bytes(message), hop)))
        return found

    def take(self, data: bytes, source: Hop) -> tuple[str, str, list[Outgoing]] | None:
        """Method and Call-ID of a request to a second branch, and the response to it; None for other messages."""
        message = read(data)
        call_id = (message.value(b"call-id") or b"").decode("latin-1")
        tag = _to_tag(message.value(b"to"))
        if message.is_response or call_id not in self._expected or tag is None or not tag.endswith(_TAG_END):
            return None
        method = message.start.partition(b" ")[0].decode("latin-1")
        request = screen(message, len(data), source)
        answered = method != "ACK" and isinstance(request, Request)
        return method, call_id, [response_to(request, 200, "OK")] if answered and isinstance(request, Request) else []


def _to_tag(value: bytes | None) -> bytes | None:
    address = None if value is None else Address.parse(value)
    return None if address is None else address.tag
