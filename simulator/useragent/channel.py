"""JSON lines and file descriptors over one Unix stream socket; used at both ends."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence

_CHUNK = 65536
_MOST_DESCRIPTORS = 16


class Channel:
    """One end of a socketpair: lines out without ever blocking, lines in as callbacks.

    `on_line` gets each line without its newline; `on_end` is called once, when the other end is gone.
    Descriptors that came with a line are fetched with `take`, in the order in which they were sent.
    """

    def __init__(self, sock: socket.socket, on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._on_line = on_line
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._partial = bytearray()
        self._arrived: deque[int] = deque()
        self._unsent: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self.closed = False
        self._loop.add_reader(sock, self._readable)

    def send(self, line: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send a line, and `descriptors` with it, which the channel then owns and closes.

        What the kernel cannot take now is kept and sent later. On a closed channel nothing happens.
        """
        if self.closed:
            _close_all(descriptors)
            return
        self._unsent.append((memoryview(line + b"\n"), tuple(descriptors)))
        if len(self._unsent) == 1 and not self._write():
            self._loop.add_writer(self._sock, self._writable)

    def take(self, count: int) -> list[int]:
        """The next `count` descriptors that came; the caller owns them. Not inheritable."""
        return [self._arrived.popleft() for _ in range(count)]

    def flush(self, within: float) -> None:
        """Block until all is sent, the other end is gone, or `within` seconds have passed."""
        deadline = time.monotonic() + within
        while self._unsent and not self.closed and not self._write():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [self._sock], [], left)[1]:
                return

    def close(self) -> None:
        """Close this end; `on_end` is not called. Unsent lines and untaken descriptors are dropped."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for _, descriptors in self._unsent:
            _close_all(descriptors)
        _close_all(self._arrived)
        self._unsent.clear()
        self._arrived.clear()

    def _write(self) -> bool:
        """Send as much as possible; True when nothing is left."""
        while self._unsent:
            data, descriptors = self._unsent[0]
            try:
                sent = socket.send_fds(self._sock, [data], list(descriptors))
            except (BlockingIOError, InterruptedError):
                return False
            except OSError:  # the other end is gone; the reader will say so
                self._drop_unsent()
                return True
            _close_all(descriptors)
            if sent == len(data):
                self._unsent.popleft()
            else:
                self._unsent[0] = (data[sent:], ())
        return True

    def _drop_unsent(self) -> None:
        for _, descriptors in self._unsent:
            _close_all(descriptors)
        self._unsent.clear()

    def _writable(self) -> None:
        if self._write():
            self._loop.remove_writer(self._sock)

    def _readable(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._sock, _CHUNK, _MOST_DESCRIPTORS)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, descriptors = b"", []
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._arrived.extend(descriptors)
        if not data:
            self.close()
            self._on_end()
            return
        self._partial += data
        *lines, rest = self._partial.split(b"\n")
        self._partial = rest
        for line in lines:
            if self.closed:
                return
            self._on_line(bytes(line))


def _close_all(descriptors: Sequence[int] | deque[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
