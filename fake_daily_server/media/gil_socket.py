"""Datagram I/O that does not release the GIL.

Python's sockets release the GIL around each system call, and a busy thread that then acquires it keeps it for 5 ms.
Measured with 60 legs, a tick took up to 92 ms with Python's sockets and up to 10 ms with these. A system call takes 1
to 2 us, too short to delay other threads.
"""

from __future__ import annotations

import ctypes
import errno
import os
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
    """Receives datagrams into a memory address and sends them from one, without blocking. Does not close the socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        libc = _libc()
        self._recv, self._send = libc.recv, libc.send
        self._descriptor = sock.fileno()

    def receive(self, address: int, size: int) -> int:
        """Write the first `size` bytes of the next datagram to `address`; returns its length, -1 if there is none.

        Raises OSError if the peer has closed its socket.
        """
        return self._checked(int(self._recv(self._descriptor, address, size, 0)))

    def send(self, address: int, size: int) -> bool:
        """Send `size` bytes from `address`; returns False if the queue is full. Raises OSError as `receive` does."""
        return self._checked(int(self._send(self._descriptor, address, size, 0))) >= 0

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0 and (number := ctypes.get_errno()) not in _WOULD_BLOCK:
            raise OSError(number, os.strerror(number))
        return result
