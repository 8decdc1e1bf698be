"""A TCP socket that is bound but does not listen yet, so that its address is known before the server starts."""

from __future__ import annotations

import socket

from simulator.errors import ConfigurationError


def bound_listener(host: str, port: int) -> socket.socket:
    """Bind a TCP socket to `port`, or to any free port if 0. Raises ConfigurationError if `port` is not available."""
    # Only with the protocol named does asyncio set TCP_NODELAY; else an event may be delayed by 40 ms (delayed ACK).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if port:
        # A server that starts again takes its port back at once. With any free port it would be harmful: until they
        # listen, two sockets with this option may be given the same one.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failure:
        listener.close()
        raise ConfigurationError(
            "port", port, f"a free TCP port of {host} ({failure.strerror}); 0 takes any free one"
        ) from None
    listener.setblocking(False)
    return listener
