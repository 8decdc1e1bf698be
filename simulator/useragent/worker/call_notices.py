"""The notices of one call on their way to the parent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.useragent.messages import AnyCallNotice


class CallNotices:
    """Sends a call's notices in order, and none after `close`. `call` is the call's key."""

    def __init__(self, call: str, send: Callable[[AnyCallNotice], None]) -> None:
        self.call = call
        self._send = send
        self._queue: deque[AnyCallNotice] = deque()
        self._deferring = False
        self._closed = False

    def emit(self, notice: AnyCallNotice) -> None:
        """Send a notice now, or when `deferred` ends. Does nothing once the call has ended."""
        if not self._closed:
            self._queue.append(notice)
            if not self._deferring:
                self._flush()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Hold back what is emitted inside: PJSIP calls back while it makes a call, before `Dialling` was sent."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
            self._flush()

    def close(self) -> None:
        """Ignore everything that is emitted from now on; deferred notices are still sent."""
        self._closed = True

    def discard(self) -> None:
        """Drop the deferred notices."""
        self._queue.clear()

    def _flush(self) -> None:
        while self._queue:
            self._send(self._queue.popleft())
