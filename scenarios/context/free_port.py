"""A free TCP port of this machine for a program under test."""

from __future__ import annotations

import random
import socket

_PORTS = range(10_000, 32_000)
"""Below the ephemeral ports, so that no outgoing connection gets the port before the program has it."""
_TRIES = 200


def free_port() -> int:
    """Find a port on which nothing listens. Raises OSError if there is none."""
    for port in random.sample(_PORTS, _TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"none of {_TRIES} ports between {_PORTS.start} and {_PORTS.stop} is free")
