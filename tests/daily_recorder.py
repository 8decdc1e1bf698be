"""A client of the module `daily` for tests: its verbs wait for their completions, and all callbacks are recorded."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from fake_daily_server.clients.python.daily import CallClient, EventHandler

WITHIN_S = 15.0

Received = tuple[Any, ...]
"""A callback's name without `on_`, and its arguments; or `completion`, the verb, and the completion's arguments."""


class Recorder(EventHandler):
    """Records every callback, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Received] = []
        self.threads: set[str] = set()
        self._changed = threading.Condition()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)
        return lambda *args: self.record(name.removeprefix("on_"), *args)

    def record(self, *received: Any) -> None:
        """Add a callback or a completion."""
        with self._changed:
            self.received.append(received)
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()

    def wait_for(self, wanted: str, where: Callable[..., bool] = lambda *args: True, *, after: int = 0) -> Received:
        """Return the arguments of the first callback of that name that fits `where`, from the entry `after` on."""
        deadline = time.monotonic() + WITHIN_S
        with self._changed:
            while True:
                for name, *args in self.received[after:]:
                    if name == wanted and where(*args):
                        return tuple(args)
                if not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{wanted} was not called in {WITHIN_S:g} s, but {self.received[after:]}")

    def names(self, *without: str) -> list[str]:
        """The names of all callbacks and completions, except those in `without`."""
        return [
            f"{entry[1]}()" if entry[0] == "completion" else entry[0]
            for entry in self.received
            if entry[0] not in without
        ]

    def all(self, wanted: str) -> list[Any]:
        """The first argument of each callback of that name."""
        return [args[0] for name, *args in self.received if name == wanted]


class DailyClient:
    """A client with a recorder; the `with` block ends with its release."""

    def __init__(self) -> None:
        self.handler = Recorder()
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

    def begin(self, verb: str, *args: Any, **named: Any) -> queue.SimpleQueue[Received]:
        """Call a verb; return a queue that will have the arguments of its completion."""
        answers: queue.SimpleQueue[Received] = queue.SimpleQueue()

        def completed(*answer: Any) -> None:
            self.handler.record("completion", verb, *answer)
            answers.put(answer)

        getattr(self.client, verb)(*args, **named, completion=completed)
        return answers

    def ask(self, verb: str, *args: Any, **named: Any) -> Received:
        """Call a verb; wait for its completion and return the arguments."""
        return self.begin(verb, *args, **named).get(timeout=WITHIN_S)

    def join(self, url: str, token: str | None = None, **named: Any) -> Mapping[str, Any]:
        """Join; fail if that is refused."""
        data, error = self.ask("join", url, token, **named)
        assert error is None
        joined: Mapping[str, Any] = data
        return joined

    def dial(self, settings: Mapping[str, Any]) -> str:
        """Dial out; fail if that is refused; return the session id."""
        session_id, error = self.ask("start_dialout", settings)
        assert error is None
        return str(session_id)
