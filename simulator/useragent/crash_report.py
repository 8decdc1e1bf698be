"""The crash of a worker, reported to its owner once, however late the owner asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from simulator.useragent.messages import Crashed

_LOG = logging.getLogger("simulator.useragent")


class CrashReport:
    """Calls the listener with the crash, at once if both are known."""

    def __init__(self) -> None:
        self._crash: Crashed | None = None
        self._listener: Callable[[Crashed], None] | None = None

    @property
    def listener(self) -> Callable[[Crashed], None] | None:
        """Who gets the crash."""
        return self._listener

    @listener.setter
    def listener(self, listener: Callable[[Crashed], None] | None) -> None:
        self._listener = listener
        self._report()

    def crashed(self, crash: Crashed) -> None:
        """The worker has crashed."""
        self._crash = crash
        self._report()

    def _report(self) -> None:
        crash = self._crash
        if crash is None or self._listener is None:
            return
        self._crash = None
        try:
            self._listener(crash)
        except Exception:  # noqa: BLE001  # a user's callback
            _LOG.exception("on_crash failed", extra={"pid": crash.pid})
