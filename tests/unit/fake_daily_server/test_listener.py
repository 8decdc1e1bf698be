"""A listener that is bound belongs to its server, before it listens too."""

from __future__ import annotations

import socket

import pytest

from fake_daily_server.web.listener import bound_listener
from simulator.errors import ConfigurationError


def test_no_other_socket_can_bind_a_port_that_was_chosen_freely() -> None:
    with bound_listener("127.0.0.1", 0) as listener, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="Address already in use"):
            other.bind(listener.getsockname())


def test_a_named_port_can_be_taken_again_while_old_connections_linger() -> None:
    with bound_listener("127.0.0.1", 0) as free:
        host, port = free.getsockname()
    with bound_listener(host, port) as listener:
        listener.listen()
        with socket.create_connection((host, port)):
            listener.setblocking(True)
            accepted, _ = listener.accept()
            accepted.close()  # closed first on this side, so the address stays in TIME_WAIT here
    with bound_listener(host, port) as again:
        assert again.getsockname() == (host, port)


def test_a_port_that_somebody_listens_on_is_named_in_the_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port: {port} .*0 takes any free one"):
            bound_listener("127.0.0.1", port)
