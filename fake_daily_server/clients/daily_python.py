"""Installs the stand-in for daily-python in this process, so that `import daily` finds it.

    async with FakeDaily() as daily:
        room = await daily.create_room(enable_dialout=True)
        with daily_python.in_place(api_url=daily.api_url, api_key=daily.api_key):
            await bot.main(room.url, room.owner_token)

In pytest, use the fixture `daily_python` instead; for other processes, use `program_environment` or
`python -m fake_daily_server exec`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType

from fake_daily_server.clients.environment import Pacing, daily_variables

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
    """Install the stand-in as the module `daily` and point this process at a fake Daily; yields the module.

    Pipecat may be imported before or inside the block, with or without daily-python installed; its `DailyParams` then
    has the default `api_url`. DAILY_API_URL and DAILY_API_KEY, and DAILY_ROOM_URL and DAILY_ROOM_TOKEN if given, are
    set in `os.environ` and protected from `.env` files. After the block everything is restored, including the real
    daily-python, except in modules that were first imported inside the block.

    Raises ConfigurationError for an unknown pacing.
    """
    variables = daily_variables(
        api_url=api_url, api_key=api_key, room_url=room_url, room_token=room_token, pacing=pacing
    )
    with module_in_place() as module, ExitStack() as stack:
        stack.enter_context(_environment(variables))
        stack.enter_context(importlib.import_module(f"{_STAND_IN}._patches.dotenv").environment_protected())
        stack.enter_context(importlib.import_module(f"{_STAND_IN}._patches.pipecat").api_url_default(api_url))
        yield module


@contextmanager
def module_in_place() -> Iterator[ModuleType]:
    """Install only the module: for `import daily`, and in place of names imported from a real daily-python."""
    stand_in = importlib.import_module(_STAND_IN)
    before = {name: module for name, module in sys.modules.items() if name == "daily" or name.startswith("daily.")}
    with ExitStack() as stack:
        real = before.get("daily")
        if real is not None and real is not stand_in:
            # The program may have initialized the real module, so no warning is wanted.
            importlib.import_module(f"{_STAND_IN}._native.init_check").mark_initialized()
            stack.enter_context(_imported_names_replaced(real, stand_in))
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
def _imported_names_replaced(real: ModuleType, stand_in: ModuleType) -> Iterator[None]:
    """Replace objects of the real module, under any name in any imported module, with those of the stand-in."""
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
def _environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    _set_variables(variables)
    try:
        yield
    finally:
        _set_variables(before)


def _set_variables(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
