"""The ports of a sandbox: the usual ones, or the next ones that are free."""

from __future__ import annotations

import contextlib
import socket

_MOST_TRIED = 100


def next_free_port(host: str, port: int, *kinds: socket.SocketKind) -> int:
    """Return `port`, or the first after it at which sockets of all `kinds` can be bound; 0 if there is none near it."""
    for candidate in range(port, min(port + _MOST_TRIED, 65_536)):
        if all(_is_free(host, candidate, kind) for kind in kinds):
            return candidate
    return 0


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
