"""Which addresses belong to this machine."""

from __future__ import annotations

import socket


def is_own_address(address: str) -> bool:
    """Whether packets to a literal IP address stay on this machine, because an interface has it. Nothing is sent.

    The kernel sends to an address of its own from that very address. Groups and broadcast addresses are not own ones.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return bool(probe.getsockname()[0] == address)
    except OSError:
        return False
