"""The stand-in for daily-python in this process: `import daily` finds it while it is in place.

    async with FakeDaily() as daily:
        room = await daily.create_room(enable_dialout=True)
        with daily_python.in_place(api_url=daily.api_url, api_key=daily.api_key):
            await bot.main(room.url, room.owner_token)

Tests with pytest take the fixture `daily_python` instead, other processes `program_environment` or
`python -m fake_daily_server exec`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType

from fake_daily_server.clients.environment import Pacing, addresses

_STAND_IN = "fake_daily_server.clients.python.daily"


@contextmanager
def in_place(
    *,
    api_url: str,
    api_key: str,
    room_url: str | None = None,
    room_token: str | None = None,
    pacing: Pacing | None = None,
) -> Iterator[ModuleType]:
    """Put the stand-in in place and lead this process to a fake Daily; gives the module.

    Pipecat may be imported before or inside, with or without a daily-python beside it; its `DailyParams` then has
    `api_url` as default. `os.environ` has DAILY_API_URL, DAILY_API_KEY, and DAILY_ROOM_URL and DAILY_ROOM_TOKEN when
    they are given, which no `.env` file changes. Afterwards all is as it was before, the real daily-python included;
    only modules that were first imported inside keep what they took.

    Raises ConfigurationError for a pacing that does not exist.
    """
    chosen = addresses(api_url=api_url, api_key=api_key, room_url=room_url, room_token=room_token, pacing=pacing)
    with module_in_place() as module, ExitStack() as stack:
        stack.enter_context(_set(chosen))
        stack.enter_context(importlib.import_module(f"{_STAND_IN}._patches.dotenv").environment_kept())
        stack.enter_context(importlib.import_module(f"{_STAND_IN}._patches.pipecat").api_url_default(api_url))
        yield module


@contextmanager
def module_in_place() -> Iterator[ModuleType]:
    """Only the module: `import daily`, and what other modules have imported from a real one, are the stand-in's."""
    stand_in = importlib.import_module(_STAND_IN)
    before = {name: module for name, module in sys.modules.items() if name == "daily" or name.startswith("daily.")}
    with ExitStack() as stack:
        real = before.get("daily")
        if real is not None and real is not stand_in:
            importlib.import_module(f"{_STAND_IN}._native.init_check").initialized()  # the real one may have been
            stack.enter_context(_taken_names_replaced(real, stand_in))
        for name in before:
            del sys.modules[name]
        sys.modules |= {"daily": stand_in, "daily.daily": stand_in.daily}
        try:
            yield stand_in
        finally:
            for name in [name for name in sys.modules if name == "daily" or name.startswith("daily.")]:
                del sys.modules[name]
            sys.modules.update(before)


@contextmanager
def _taken_names_replaced(real: ModuleType, stand_in: ModuleType) -> Iterator[None]:
    """Inside, modules that have something of the real module under any name have the stand-in's."""
    counterparts: dict[int, object] = {id(real): stand_in}
    for name in getattr(stand_in, "__all__", ()):
        if hasattr(real, name):
            counterparts[id(getattr(real, name))] = getattr(stand_in, name)
    replaced = []
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType) or module.__name__.partition(".")[0] == "daily":
            continue
        for name, value in list(vars(module).items()):
            if id(value) in counterparts:
                replaced.append((module, name, value))
                setattr(module, name, counterparts[id(value)])
    try:
        yield
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)


@contextmanager
def _set(variables: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    _put(variables)
    try:
        yield
    finally:
        _put(before)


def _put(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
