"""A client of the module `daily` for tests: its verbs wait for their completions, and what it is told is kept."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from fake_daily_server.clients.python.daily import CallClient, EventHandler

WITHIN_S = 15.0

Told = tuple[Any, ...]
"""A callback without its `on_`, and its arguments; or `completion`, the verb, and what its completion got."""


class Recorder(EventHandler):
    """Keeps every callback, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Told] = []
        self.threads: set[str] = set()
        self._changed = threading.Condition()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)
        return lambda *args: self.keep(name.removeprefix("on_"), *args)

    def keep(self, *told: Any) -> None:
        """Something was told."""
        with self._changed:
            self.told.append(told)
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()

    def wait_for(self, wanted: str, where: Callable[..., bool] = lambda *args: True, *, after: int = 0) -> Told:
        """The arguments of the first callback of that name, after so many others."""
        deadline = time.monotonic() + WITHIN_S
        with self._changed:
            while True:
                for name, *args in self.told[after:]:
                    if name == wanted and where(*args):
                        return tuple(args)
                if not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{wanted} was not told in {WITHIN_S:g} s, but {self.told[after:]}")

    def names(self, *without: str) -> list[str]:
        """The names of all that was told."""
        return [told[0] if told[0] != "completion" else f"{told[1]}()" for told in self.told if told[0] not in without]

    def all(self, wanted: str) -> list[Any]:
        """The first argument of each callback of that name."""
        return [args[0] for name, *args in self.told if name == wanted]


class DailyClient:
    """A client with a recorder. Leaving the `with` releases it."""

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
        """Its participant id."""
        local: Mapping[str, Any] = self.client.participants()["local"]
        return str(local["id"])

    def begin(self, verb: str, *args: Any, **named: Any) -> queue.SimpleQueue[Told]:
        """Call a verb, and get what its completion gets later."""
        answers: queue.SimpleQueue[Told] = queue.SimpleQueue()

        def completed(*answer: Any) -> None:
            self.handler.keep("completion", verb, *answer)
            answers.put(answer)

        getattr(self.client, verb)(*args, **named, completion=completed)
        return answers

    def ask(self, verb: str, *args: Any, **named: Any) -> Told:
        """Call a verb, and wait for what its completion gets."""
        return self.begin(verb, *args, **named).get(timeout=WITHIN_S)

    def join(self, url: str, token: str | None = None, **named: Any) -> Mapping[str, Any]:
        """Join, and expect that it works."""
        data, error = self.ask("join", url, token, **named)
        assert error is None
        joined: Mapping[str, Any] = data
        return joined

    def dial(self, settings: Mapping[str, Any]) -> str:
        """Dial, and expect that it works; the session id."""
        session_id, error = self.ask("start_dialout", settings)
        assert error is None
        return str(session_id)
