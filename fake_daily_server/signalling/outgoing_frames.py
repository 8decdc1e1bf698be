"""The text frames that wait to be sent to a client, with a limit for clients that do not read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

MOST_UNSENT = 8 * 1024 * 1024
"""How many bytes may wait for a client, beside those in the sockets' own buffers."""


class Frame(NamedTuple):
    """A JSON frame; `number` is that of the event in it, or 0."""

    text: str
    number: int


class OutgoingFrames:
    """A queue of frames for one writer, which can also be told that there are binary messages to send.

    When more than MOST_UNSENT bytes wait, `overflowed` is set and everything is dropped: the client does not read.
    """

    def __init__(self) -> None:
        self.overflowed = asyncio.Event()
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._binary = False
        self._changed = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Append a frame."""
        self._size += len(frame.text)
        if self._size > MOST_UNSENT:
            self._frames.clear()
            self.overflowed.set()
        if not self.overflowed.is_set():
            self._frames.append(frame)
            self._changed.set()

    def put_binary(self) -> None:
        """Tell the writer that there are binary messages to send."""
        self._binary = True
        self._changed.set()

    async def get(self) -> Frame | None:
        """Wait for the next frame and remove it; None if there are binary messages to send."""
        while True:
            if self._binary:
                self._binary = False
                return None
            if self._frames:
                frame = self._frames.popleft()
                self._size -= len(frame.text)
                return frame
            self._changed.clear()
            await self._changed.wait()
