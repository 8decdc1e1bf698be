"""A client of the module `daily` for tests: its methods wait for their completion, and its callbacks are recorded."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from fake_daily_server.clients.python.daily import CallClient, EventHandler

TIMEOUT = 15.0
"""Time limit of every wait, in seconds."""

Callback = tuple[Any, ...]
"""Name without `on_` and arguments of a callback; or `completion`, the method, and the completion's arguments."""


class CallbackRecorder(EventHandler):
    """Records every callback, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callback] = []
        self.threads: set[str] = set()
        self._changed = threading.Condition()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)
        return lambda *args: self.record(name.removeprefix("on_"), *args)

    def record(self, *callback: Any) -> None:
        """Record a callback or a completion."""
        with self._changed:
            self.callbacks.append(callback)
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()

    def wait_for(self, wanted: str, where: Callable[..., bool] = lambda *args: True, *, after: int = 0) -> Callback:
        """Wait for a callback with this name that `where` accepts, ignoring the first `after`; return its arguments."""
        deadline = time.monotonic() + TIMEOUT
        with self._changed:
            while True:
                for name, *args in self.callbacks[after:]:
                    if name == wanted and where(*args):
                        return tuple(args)
                if not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"no callback {wanted} within {TIMEOUT:g} s, but {self.callbacks[after:]}")

    def names(self, *without: str) -> list[str]:
        """Names of all callbacks except those in `without`; that of a completion is its method followed by `()`."""
        return [one[0] if one[0] != "completion" else f"{one[1]}()" for one in self.callbacks if one[0] not in without]

    def all(self, wanted: str) -> list[Any]:
        """The first arguments of all callbacks with this name."""
        return [args[0] for name, *args in self.callbacks if name == wanted]


class DailyClient:
    """A client whose callbacks are recorded; it is released at the end of the `with` block."""

    def __init__(self) -> None:
        self.handler = CallbackRecorder()
        self.client = CallClient(self.handler)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.client._released:
            self.client.release()

    @property
    def session_id(self) -> str:
        """The client's participant id."""
        local: Mapping[str, Any] = self.client.participants()["local"]
        return str(local["id"])

    def begin(self, method: str, *args: Any, **named: Any) -> queue.SimpleQueue[Callback]:
        """Call a method; return a queue that will contain the arguments of the completion."""
        answers: queue.SimpleQueue[Callback] = queue.SimpleQueue()

        def completed(*answer: Any) -> None:
            self.handler.record("completion", method, *answer)
            answers.put(answer)

        getattr(self.client, method)(*args, **named, completion=completed)
        return answers

    def ask(self, method: str, *args: Any, **named: Any) -> Callback:
        """Call a method, wait for its completion, and return the completion's arguments."""
        return self.begin(method, *args, **named).get(timeout=TIMEOUT)

    def join(self, url: str, token: str | None = None, **named: Any) -> Mapping[str, Any]:
        """Join a room and assert success; return the data of the completion."""
        data, error = self.ask("join", url, token, **named)
        assert error is None
        joined: Mapping[str, Any] = data
        return joined

    def dial(self, settings: Mapping[str, Any]) -> str:
        """Dial out and assert success; return the session id."""
        session_id, error = self.ask("start_dialout", settings)
        assert error is None
        return str(session_id)
