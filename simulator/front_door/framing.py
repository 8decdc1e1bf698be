"""Message framing on a TCP stream: Content-Length tells where each message ends (RFC 3261 §18.3)."""

from __future__ import annotations

import re

MAX_HEADER_BYTES = 65_536
MAX_BODY_BYTES = 1_048_576
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n)", re.IGNORECASE)
_FOLD = re.compile(rb"\r\n[ \t]+")

PING = b"\r\n\r\n"
"""A keep-alive of the peer (RFC 5626 §3.5.1); the pong is CRLF."""


class StreamFramer:
    """Splits the bytes of one TCP connection into messages.

    When the end of a message cannot be determined, `broken` is set and the rest of the stream is ignored.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken = False
        self.unanswered_pings = 0
        """Keep-alives that the caller of `feed` has yet to answer; it resets the number."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take in received bytes. Returns the messages that are complete now, in order.

        The last one before the stream breaks is everything received since the last complete message.
        """
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
            return self._break() if len(self._buffer) > MAX_HEADER_BYTES else None
        body = end + 4
        length = self._content_length(bytes(self._buffer[: end + 2]))
        if length is None:
            return self._break()
        if len(self._buffer) < body + length:
            return None
        message = bytes(self._buffer[: body + length])
        del self._buffer[: body + length]
        return message

    def _skip_blank_lines(self) -> None:
        while self._buffer.startswith(PING):
            del self._buffer[:4]
            self.unanswered_pings += 1
        if len(self._buffer) > 2 and self._buffer.startswith(b"\r\n") and self._buffer[2] != 0x0D:
            del self._buffer[:2]

    @staticmethod
    def _content_length(head: bytes) -> int | None:
        """The length that the header fields give; None without a usable one, which a stream needs (RFC 3261 §18.3)."""
        found = {int(text) for text in _LENGTH.findall(_FOLD.sub(b" ", head))}
        return next((length for length in found if len(found) == 1 and length <= MAX_BODY_BYTES), None)

    def _break(self) -> bytes:
        self.broken = True
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest
