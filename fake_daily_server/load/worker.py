"""What one Locust worker process has: a server process beside it, the server under test, phones and rooms it shares."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fake_daily_server.load.own_server import OwnServer
from fake_daily_server.load.server_api import ServerApi
from fake_daily_server.load.server_counts import ServerCounts

T = TypeVar("T")


class Worker:
    """The server process of one Locust worker, which has the phones, and the server under test, which has the rooms."""

    def __init__(self, *, host: str | None, options: Sequence[str]) -> None:
        """Start the server process with `options`. Raises ServerNotStarted with its output.

        The server under test is at `host`, with the API key in DAILY_API_KEY; without `host`, it is the same process.
        """
        self._own_server = OwnServer(options)
        self.phones = ServerApi(self._own_server.api_url, self._own_server.api_key)
        """The server process beside this worker."""
        self.rooms = ServerApi(host, os.environ.get("DAILY_API_KEY")) if host else self.phones
        """The server under test."""
        self.counts = ServerCounts(self.phones)
        """What the server process itself has counted."""
        self._shared: dict[object, Any] = {}
        self._making = threading.Lock()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._own_server.pid

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """What `make` returned for this key the first time."""
        with self._making:
            if key not in self._shared:
                self._shared[key] = make()
            made: T = self._shared[key]
            return made

    def close(self) -> None:
        """End the server process."""
        self._own_server.close()
