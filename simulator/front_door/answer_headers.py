"""Header fields of the 200s of calls, in place of those that the callee's user agent sends by itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from simulator.sip_bytes import read
from simulator.sip_requests.hop import Outgoing

_MOST_CALLS = 500
"""Calls that are remembered, the newest ones."""


class AnswerHeaders:
    """The header fields to replace, by Call-ID."""

    def __init__(self) -> None:
        self._replaced: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._replaced)

    def replace(self, call_id: str, headers: Mapping[str, str]) -> None:
        """Replace header fields of the 200 to the INVITE of this call, and of its repetitions."""
        self._replaced[call_id] = headers
        while len(self._replaced) > _MOST_CALLS:
            self._replaced.popitem(last=False)

    def clear(self) -> None:
        """Forget all calls."""
        self._replaced.clear()

    def applied(self, messages: list[Outgoing]) -> list[Outgoing]:
        """The messages with the header fields replaced."""
        return [(self._changed(data), hop) for data, hop in messages]

    def _changed(self, data: bytes) -> bytes:
        if not data.startswith(b"SIP/2.0 200 "):
            return data
        message = read(data)
        headers = self._replaced.get((message.value(b"call-id") or b"").decode("latin-1"))
        if headers is None or b"INVITE" not in (message.value(b"cseq") or b""):
            return data
        names = {name.lower().encode() for name in headers}
        kept = [(name, line) for name, line in message.fields if name not in names]
        added = [(name.lower().encode(), f"{name}: {value}".encode()) for name, value in headers.items()]
        message.fields = [*kept[:-1], *added, *kept[-1:]]
        return bytes(message)
