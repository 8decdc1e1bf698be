"""Datagram I/O that keeps the GIL.

Python's sockets release the GIL around each call, and a busy thread that takes it then keeps it for 5 ms: measured
with 60 legs, a tick took up to 92 ms with them and up to 10 ms without. A call takes 1 to 2 us, too short to matter
to other threads.
"""

from __future__ import annotations

import ctypes
import errno
import socket
from functools import cache

_WOULD_BLOCK = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.EINTR)


@cache
def _libc() -> ctypes.PyDLL:
    libc = ctypes.PyDLL(None, use_errno=True)
    for function in (libc.recv, libc.send):
        function.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        function.restype = ctypes.c_ssize_t
    return libc


class GilSocket:
    """Receives into a memory address and sends from one, without blocking. The caller still closes the socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        libc = _libc()
        self._recv, self._send = libc.recv, libc.send
        self._descriptor = sock.fileno()

    def receive(self, address: int, size: int) -> int:
        """Write the first `size` bytes of the next datagram to `address`; return its length, -1 when there is none.

        Raises OSError when the peer has closed its socket.
        """
        return self._checked(int(self._recv(self._descriptor, address, size, 0)))

    def send(self, address: int, size: int) -> bool:
        """Send `size` bytes from `address`; return False when the queue is full. Raises OSError as `receive`."""
        return self._checked(int(self._send(self._descriptor, address, size, 0))) >= 0

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0 and (number := ctypes.get_errno()) not in _WOULD_BLOCK:
            raise OSError(number, errno.errorcode.get(number, "unknown"))
        return result
