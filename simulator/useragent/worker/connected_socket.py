"""UDP sockets that PJSIP has opened and does not expose, connected to one peer: the kernel drops what others send."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
import sys
from pathlib import Path

from simulator.useragent.worker.layout.addresses import SocketAddress

CAN_CONNECT = sys.platform == "linux"
"""Whether a connected socket may still send to other addresses, as PJSIP does; elsewhere that fails with EISCONN."""
_LIBC = ctypes.CDLL(None, use_errno=True)
_IPV4_ADDRESS_BYTES = 16


def connect_udp(local: tuple[str, int], to: tuple[str, int] | None) -> None:
    """Let the UDP socket at a local address receive from one address only; None: from any, as at first."""
    address = SocketAddress.of(*to) if to is not None else SocketAddress(socket.AF_UNSPEC)
    for entry in Path("/proc/self/fd").iterdir():
        if _is_bound_to(int(entry.name), local):
            _LIBC.connect(int(entry.name), ctypes.byref(address), _IPV4_ADDRESS_BYTES)


def _is_bound_to(descriptor: int, local: tuple[str, int]) -> bool:
    with contextlib.suppress(OSError):  # it was closed meanwhile
        if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            with socket.socket(fileno=os.dup(descriptor)) as copy:
                return copy.type == socket.SOCK_DGRAM and copy.getsockname() == local
    return False
