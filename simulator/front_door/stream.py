"""Messages out of a TCP stream (RFC 3261 §18.3): Content-Length says where each one ends."""

from __future__ import annotations

import re

LARGEST_HEAD = 65_536
LARGEST_BODY = 1_048_576
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n)", re.IGNORECASE)
_ANY_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:", re.IGNORECASE)

KEEP_ALIVE = b"\r\n\r\n"
"""A peer's ping (RFC 5626 §3.5.1); the pong is CRLF."""


class Splitter:
    """Feed it what arrives. After a message without a usable end, `broken` is true and the stream is no use."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken = False
        self.pings = 0
        """Keep-alives seen and not yet answered."""

    def feed(self, data: bytes) -> list[bytes]:
        """The whole messages that are there now, in order."""
        if self.broken:
            return []
        self._buffer += data
        messages: list[bytes] = []
        while not self.broken and (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        self._skip_blank_lines()
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return self._give_up() if len(self._buffer) > LARGEST_HEAD else None
        body = end + 4
        length = self._length(bytes(self._buffer[: end + 2]))
        if length is None:
            return self._give_up()
        if len(self._buffer) < body + length:
            return None
        message = bytes(self._buffer[: body + length])
        del self._buffer[: body + length]
        return message

    def _skip_blank_lines(self) -> None:
        while self._buffer.startswith(KEEP_ALIVE):
            del self._buffer[:4]
            self.pings += 1
        if len(self._buffer) > 2 and self._buffer.startswith(b"\r\n") and self._buffer[2] != 0x0D:
            del self._buffer[:2]

    @staticmethod
    def _length(head: bytes) -> int | None:
        found = {int(text) for text in _LENGTH.findall(head)}
        if not found:
            return None if _ANY_LENGTH.search(head) else 0
        length = max(found)
        return length if len(found) == 1 and length <= LARGEST_BODY else None

    def _give_up(self) -> bytes:
        self.broken = True
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest
