"""Lines and file descriptors over a Unix stream socket, used by both parent and worker."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence

_CHUNK = 65536
_MAX_DESCRIPTORS = 16


class Channel:
    """One end of a socket pair: sends lines without blocking, and calls back for each received line.

    `on_line` gets each line without its newline; `on_closed` is called once, when the other end is closed.
    Descriptors that came with a line are fetched with `take_descriptors`, in the order in which they were sent.
    """

    def __init__(self, sock: socket.socket, on_line: Callable[[bytes], None], on_closed: Callable[[], None]) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._on_line = on_line
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._partial = bytearray()
        self._descriptors: deque[int] = deque()
        self._unsent: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self.closed = False
        self._loop.add_reader(sock, self._readable)

    @property
    def abandoned(self) -> bool:
        """Whether the other end is closed, even if that was not read yet."""
        if self.closed:
            return True
        waiting = select.poll()
        waiting.register(self._sock, 0)  # which leaves POLLHUP and POLLERR
        return bool(waiting.poll(0))

    def send(self, line: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send a line, and `descriptors` with it, which the channel then owns and closes.

        What the kernel does not take now is sent later. On a closed channel only the descriptors are closed.
        """
        if self.closed:
            _close_all(descriptors)
            return
        self._unsent.append((memoryview(line + b"\n"), tuple(descriptors)))
        if len(self._unsent) == 1 and not self._write():
            self._loop.add_writer(self._sock, self._writable)

    def take_descriptors(self, count: int) -> list[int]:
        """Return the next `count` received descriptors, which the caller then owns. They are not inheritable."""
        return [self._descriptors.popleft() for _ in range(count)]

    def flush(self, within: float) -> None:
        """Block until everything was sent, the other end is closed, or `within` seconds have passed."""
        deadline = time.monotonic() + within
        while self._unsent and not self.closed and not self._write():
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([], [self._sock], [], remaining)[1]:
                return

    def close(self) -> None:
        """Close this end without calling `on_closed`; drop unsent lines and descriptors that were not taken."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        self._sock.close()
        for _, descriptors in self._unsent:
            _close_all(descriptors)
        _close_all(self._descriptors)
        self._unsent.clear()
        self._descriptors.clear()

    def _write(self) -> bool:
        """Send as much as the kernel takes; True when nothing remains."""
        while self._unsent:
            data, descriptors = self._unsent[0]
            try:
                sent = socket.send_fds(self._sock, [data], list(descriptors))
            except (BlockingIOError, InterruptedError):
                return False
            except OSError:  # the other end is closed, which the reader will notice
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
            data, descriptors, _, _ = socket.recv_fds(self._sock, _CHUNK, _MAX_DESCRIPTORS)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, descriptors = b"", []
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._descriptors.extend(descriptors)
        if not data:
            self.close()
            self._on_closed()
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
