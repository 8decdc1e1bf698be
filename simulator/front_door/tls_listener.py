"""The front door's listener for TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from simulator.errors import ConfigurationError
from simulator.front_door.sockets import MessageReceiver
from simulator.front_door.tls import server_context
from simulator.front_door.tls_handshakes import TlsHandshakes
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
        self._handshakes: TlsHandshakes | None = None

    async def start(
        self, receiver: MessageReceiver, host: str, names: Iterable[str], record: Callable[[dict[str, Any]], None]
    ) -> int:
        """Listen at `host` with a certificate for `names`. Returns the port; 0 without TLS.

        `record` gets the fields of timeline records about handshakes that fail.
        Raises ConfigurationError when the port is in use, and for a certificate that cannot be used.
        """
        if self._tls is None:
            return 0
        with ExitStack() as starting:
            context, certificate = server_context(self._tls, {host, *names}, starting)
            handshakes = TlsHandshakes(receiver, context, record)
            try:
                server = await asyncio.get_running_loop().create_server(handshakes.accept, host, self._tls.port)
            except OSError as error:
                allowed = f"a free port of {host} ({error.strerror}), or 0 for any free one"
                raise ConfigurationError("sip_tls_port", self._tls.port, allowed) from error
            starting.callback(server.close)
            self._running, self._handshakes = starting.pop_all(), handshakes
        port: int = server.sockets[0].getsockname()[1]
        self.address, self.certificate = f"{host}:{port}", certificate
        return port

    async def close(self) -> None:
        """Stop listening, give up handshakes, and remove the files of a certificate that was made."""
        self._running.close()
        if self._handshakes is not None:
            await self._handshakes.close()
        self.address = self.certificate = None
