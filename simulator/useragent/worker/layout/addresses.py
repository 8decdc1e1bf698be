"""PJSIP's socket addresses, `pj_sockaddr`, used for IPv4 only."""

from __future__ import annotations

import ctypes
import socket

SOCKET_ADDRESS_BYTES = 16
"""Length of an IPv4 `sockaddr_in`."""


class SocketAddress(ctypes.Structure):
    """`pj_sockaddr`, used for IPv4 only; `port` is in network byte order."""

    _fields_ = (
        ("family", ctypes.c_uint16),
        ("port", ctypes.c_uint16),
        ("address", ctypes.c_uint8 * 4),
        ("_rest", ctypes.c_uint32 * 5),
    )

    @classmethod
    def of(cls, host: str, port: int) -> SocketAddress:
        """The structure for a literal IPv4 address."""
        packed = (ctypes.c_uint8 * 4)(*socket.inet_aton(host))
        return cls(socket.AF_INET, socket.htons(port), packed)

    @property
    def host(self) -> str:
        """The IPv4 address; the text `family N` for another address family."""
        return socket.inet_ntoa(bytes(self.address)) if self.family == socket.AF_INET else f"family {self.family}"

    @property
    def port_number(self) -> int:
        """The port in host byte order."""
        return socket.ntohs(self.port)
