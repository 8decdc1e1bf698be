"""The front door's listener for TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from simulator.errors import ConfigurationError
from simulator.front_door.sockets import MessageReceiver, TcpConnection
from simulator.front_door.tls import HANDSHAKE_S, server_context
from simulator.sip_tls import SipTls


class TlsListener:
    """Accepts TLS connections of peers, if `tls` says so."""

    def __init__(self, tls: SipTls | None) -> None:
        self.address: str | None = None
        """`host:port` while it listens; None without TLS."""
        self.certificate: Path | None = None
        """The PEM file by which peers can verify its certificate, while it listens."""
        self._tls = tls
        self._running = ExitStack()

    async def start(self, receiver: MessageReceiver, host: str, names: Iterable[str]) -> int:
        """Listen at `host` with a certificate for `names`. Returns the port; 0 without TLS.

        Raises ConfigurationError when the port is in use, and for a certificate that cannot be used.
        """
        if self._tls is None:
            return 0
        with ExitStack() as starting:
            context, certificate = server_context(self._tls, {host, *names}, starting)
            try:
                server = await asyncio.get_running_loop().create_server(
                    lambda: TcpConnection(receiver, tls=True),
                    host,
                    self._tls.port,
                    ssl=context,
                    ssl_handshake_timeout=HANDSHAKE_S,
                )
            except OSError as error:
                allowed = f"a free port of {host} ({error.strerror}), or 0 for any free one"
                raise ConfigurationError("sip_tls_port", self._tls.port, allowed) from error
            starting.callback(server.close)
            self._running = starting.pop_all()
        port: int = server.sockets[0].getsockname()[1]
        self.address, self.certificate = f"{host}:{port}", certificate
        return port

    def close(self) -> None:
        """Stop listening, and remove the files of a certificate that was made."""
        self._running.close()
        self.address = self.certificate = None
