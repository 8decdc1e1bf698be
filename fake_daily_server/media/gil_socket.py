"""Datagram I/O that keeps the GIL.

Python's sockets release the lock around each call, and a busy thread that takes it then keeps it for 5 ms: measured
with 60 legs, a tick took up to 92 ms that way and up to 10 ms this way. A call takes 1 to 2 us, so nobody misses it.
"""

from __future__ import annotations

import ctypes
import errno
import socket
from functools import cache

_NOTHING_NOW = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.EINTR)


@cache
def _libc() -> ctypes.PyDLL:
    libc = ctypes.PyDLL(None, use_errno=True)
    for function in (libc.recv, libc.send):
        function.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        function.restype = ctypes.c_ssize_t
    return libc


class GilSocket:
    """Receives into memory and sends from it, by address, and never waits. The descriptor stays the caller's."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        libc = _libc()
        self._recv, self._send = libc.recv, libc.send
        self._descriptor = sock.fileno()

    def receive(self, address: int, size: int) -> int:
        """The size of a datagram, whose first `size` bytes are now at `address`; -1 when there is none.

        Raises OSError when the other end is gone.
        """
        return self._checked(int(self._recv(self._descriptor, address, size, 0)))

    def send(self, address: int, size: int) -> bool:
        """Whether `size` bytes could be sent; False when the queue is full. Raises OSError as `receive`."""
        return self._checked(int(self._send(self._descriptor, address, size, 0))) >= 0

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0 and (number := ctypes.get_errno()) not in _NOTHING_NOW:
            raise OSError(number, errno.errorcode.get(number, "unknown"))
        return result
