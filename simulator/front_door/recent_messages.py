"""The latest SIP messages of all calls, for reports: those that passed the front door, and the workers' direct ones."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

_CREDENTIALS = re.compile(rb"(?im)^((?:proxy-)?authorization[ \t]*:[ \t]*\w*)[^\r\n]*(?:\r\n[ \t][^\r\n]*)*")
_KEPT_MESSAGES = 2000
"""Of about 1 kB each."""


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A SIP message as it was on the wire."""

    at: float
    """`time.monotonic()`, or the time on another clock once it was converted."""
    data: bytes
    peer: str
    """`host:port` of its sender, or of the neighbour that it was sent to."""
    sent: bool
    """Whether the front door or a worker sent it; otherwise one received it. With two workers each tells of it."""


class RecentMessages:
    """The latest messages, oldest first. Noting one costs next to nothing: parsing is left to the reader."""

    def __init__(self) -> None:
        self._messages: deque[SeenMessage] = deque(maxlen=_KEPT_MESSAGES)

    def note(self, at: float, data: bytes, peer: str, *, sent: bool) -> None:
        """Keep a message without credentials, and forget the oldest one when there are too many."""
        if b"authorization" in data.lower():
            data = _CREDENTIALS.sub(rb"\1 (not shown)", data)
        self._messages.append(SeenMessage(at, data, peer, sent))

    def clear(self) -> None:
        """Forget all messages."""
        self._messages.clear()

    def __iter__(self) -> Iterator[SeenMessage]:
        return iter(tuple(self._messages))
