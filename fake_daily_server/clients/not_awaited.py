"""Async methods of the fixtures that a test has called without `await`: nothing was done, and the test says so.

Python itself warns of them ("coroutine 'Client.wait_for' was never awaited") when the coroutine is destroyed; a test
whose last line is such a call passes without having waited for anything.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CoroutineType, TracebackType
from typing import Any, TextIO

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.event_waits import EventWaits
from fake_daily_server.handles.running_bot import RunningBot
from fake_daily_server.handles.running_program import RunningProgram
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.plain_imports import FOLDERS
from fake_daily_server.server import FakeDaily
from simulator.audio.sound_verbs import SoundVerbs
from simulator.errors import SimulatorError
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.relayed_call import RelayedCall

FIXTURES: dict[type, str] = {
    FakeDaily: "sync_fake_daily",
    EventWaits: "sync_fake_daily",
    Network: "sync_phone_network",
    Phone: "sync_phone_network",
    PhoneCall: "sync_phone_network",
    RelayedCall: "sync_phone_network",
    Client: "sync_daily_client",
    SoundVerbs: "sync_phone_network or sync_daily_client",
    WebhookReceiver: "sync_daily_webhook",
    RunningBot: "sync_run_bot",
    RunningProgram: "sync_run_program",
}
"""Classes of handles with async methods, and the fixture whose methods block instead."""

_ELSEWHERE = {"FakeDaily": "RemoteDaily", "Network": "RemoteNetwork", "Phone": "RemotePhone", "PhoneCall": "RemoteCall"}
"""The handles that `--daily-server` has instead; their methods have the same names."""

_METHODS = {
    f"{name}.{method}": fixture
    for handle, fixture in FIXTURES.items()
    for method, _ in inspect.getmembers(handle, inspect.iscoroutinefunction)
    for name in (handle.__name__, _ELSEWHERE.get(handle.__name__, handle.__name__))
    if not method.startswith("_")
}
"""The fixture by the qualified name of an async method."""

_SHOWN = {"EventWaits": "FakeDaily", "RelayedCall": "PhoneCall"}
"""The handle that users know, by the base class that has the method."""

_WARNING = rf"coroutine '({'|'.join(map(re.escape, _METHODS))})' was never awaited"
_OWNER_LOOP = str(Path("simulator", "owner_loop.py"))


class NotAwaited(SimulatorError):
    """A test has called async methods of its fixtures without `await`, so that nothing was done."""


class NotAwaitedCalls:
    """The methods that one test has called without `await`, each once, in the order in which this was noticed."""

    def __init__(self, *, in_plain_function: bool) -> None:
        self._in_plain_function = in_plain_function
        self._methods: dict[str, str] = {}
        """The fixture with the blocking form, by the qualified name of the method."""

    def __bool__(self) -> bool:
        return bool(self._methods)

    def __str__(self) -> str:
        said = [f"{_shown(method)} was called without `await`, so nothing was done" for method in self._methods]
        return f"{'; '.join(said)}: {self._way_out()}"

    def _way_out(self) -> str:
        fixtures = " and ".join(dict.fromkeys(self._methods.values()))
        if self._in_plain_function:
            return f"in a test that is no `async def`, use the fixture {fixtures}, whose methods block"
        return "put `await` in front of the call"

    @contextmanager
    def noticed_by_warnings(self) -> Generator[None, None, None]:
        """Take over Python's warnings about such calls; others are shown as before."""
        with warnings.catch_warnings():
            show = warnings.showwarning

            def notice(
                message: Warning | str,
                category: type[Warning],
                filename: str,
                lineno: int,
                file: TextIO | None = None,
                line: str | None = None,
            ) -> None:
                if not self._add_warning(str(message)):
                    show(message, category, filename, lineno, file, line)

            warnings.filterwarnings("always", message=_WARNING, category=RuntimeWarning)
            warnings.showwarning = notice
            yield

    def _add_warning(self, message: str) -> bool:
        found = re.match(_WARNING, message)
        if found is None:
            return False
        self._methods[found[1]] = _METHODS[found[1]]
        return True

    def add_variables_of(self, error: BaseException) -> None:
        """Add the coroutines that variables still refer to in the frames of the error, and close them."""
        for frame in _frames(error.__traceback__):
            for value in list(frame.values()):
                if isinstance(value, CoroutineType) and _is_call_of_a_handle(value):
                    name = value.__qualname__
                    self._methods[name] = _METHODS[name]
                    value.close()


def _shown(method: str) -> str:
    handle, _, name = method.partition(".")
    return f"{_SHOWN.get(handle, handle)}.{name}"


def _frames(trace: TracebackType | None) -> Iterator[dict[str, Any]]:
    """The local variables of each frame, except where coroutines are handed to the owner loop."""
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.endswith(_OWNER_LOOP):
            yield trace.tb_frame.f_locals
        trace = trace.tb_next


def _is_call_of_a_handle(coroutine: CoroutineType[Any, Any, Any]) -> bool:
    return (
        coroutine.__qualname__ in _METHODS
        and coroutine.cr_code.co_filename.startswith(FOLDERS)
        and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
    )
