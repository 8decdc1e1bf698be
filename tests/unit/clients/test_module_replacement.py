"""Replacing the module `daily` and patching others before, during and after their import; and undoing all of it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fake_daily_server.clients import daily_python
from fake_daily_server.clients.environment import MODULE_FOLDER, program_environment
from fake_daily_server.clients.python.daily import CallClient, EventHandler
from fake_daily_server.clients.python.daily._patches.import_hooks import when_imported
from simulator.errors import ConfigurationError

URL = "http://127.0.0.1:7880/v1"

Written = Callable[..., None]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Write modules that can be imported in this test; they are removed from `sys.modules` after it."""
    monkeypatch.syspath_prepend(tmp_path)
    names: set[str] = set()

    def write(**sources: str) -> None:
        names.update(sources)
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
        importlib.invalidate_caches()

    yield write
    for name in names & set(sys.modules):  # others that were imported meanwhile would be loaded a second time
        del sys.modules[name]


def mark(module: ModuleType) -> None:
    vars(module)["marked"] = [*vars(module).get("marked", ()), module.wanted]


def test_an_imported_module_is_patched_at_once(written: Written) -> None:
    written(bot_lib="wanted = 1")
    module = importlib.import_module("bot_lib")
    with when_imported("bot_lib", mark, needs="wanted"):
        assert module.marked == [1]


def test_a_module_that_is_imported_later_is_patched_after_its_import(written: Written) -> None:
    written(bot_lib="wanted = 1", bot_app="from bot_lib import marked")
    with when_imported("bot_lib", mark, needs="wanted"), when_imported("bot_lib", mark, needs="wanted"):
        assert importlib.import_module("bot_app").marked == [1, 1]
    module = sys.modules["bot_lib"]
    assert type(module.__loader__).__module__.startswith(("importlib", "_frozen_importlib"))
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__


def test_a_module_whose_import_is_in_progress_is_patched_at_its_first_use(written: Written) -> None:
    written(
        bot_lib="import bot_part\nwanted = 1",
        bot_part="import sys\nsys.modules['__main__'].during_import()",
        bot_app="from bot_lib import wanted, marked",
    )
    entered = []

    def during_import() -> None:
        watch = when_imported("bot_lib", mark, needs="wanted")
        watch.__enter__()
        entered.append(watch)

    vars(sys.modules["__main__"])["during_import"] = during_import
    try:
        assert importlib.import_module("bot_app").marked == [1]
    finally:
        del vars(sys.modules["__main__"])["during_import"]
    assert type(sys.modules["bot_lib"]) is ModuleType
    entered[0].__exit__(None, None, None)


def test_a_module_that_is_never_imported_leaves_no_finder_behind() -> None:
    before = list(sys.meta_path)
    with when_imported("never_imported", mark, needs="wanted"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("never_imported")
        assert sys.meta_path != before
    assert sys.meta_path == before


REAL_DAILY = "class CallClient: ...\nclass EventHandler: ...\n"


@pytest.fixture
def real(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another module `daily` that is installed and not imported yet."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "daily"]:
        monkeypatch.delitem(sys.modules, name)
    written(daily=REAL_DAILY)


def in_place(**options: Any) -> Any:
    return daily_python.in_place(api_url=URL, api_key="key", **options)


@pytest.mark.usefixtures("real")
def test_import_daily_finds_the_stand_in_inside_and_the_real_module_afterwards() -> None:
    with in_place() as module:
        assert importlib.import_module("daily") is module
        assert module.CallClient is CallClient
    assert "daily" not in sys.modules
    assert importlib.import_module("daily").CallClient is not CallClient


@pytest.mark.usefixtures("real")
def test_names_imported_from_the_real_module_are_replaced_and_restored(written: Written) -> None:
    written(
        bot_app="import daily as library\nfrom daily import CallClient as Client, EventHandler\nHandlers = [Client]"
    )
    bot = importlib.import_module("bot_app")
    real = (bot.library, bot.Client, bot.EventHandler)
    with in_place() as outer, in_place() as module:
        assert outer is module
        assert (bot.library, bot.Client, bot.EventHandler) == (module, CallClient, EventHandler)
    assert (bot.library, bot.Client, bot.EventHandler) == real
    assert sys.modules["daily"] is real[0]


@pytest.mark.usefixtures("real")
def test_an_exception_inside_restores_everything() -> None:
    modules, finders, variables = dict(sys.modules), list(sys.meta_path), dict(os.environ)

    def fail_inside() -> None:
        with in_place(room_url="http://127.0.0.1:7880/demo"):
            raise LookupError(os.environ["DAILY_ROOM_URL"])

    with pytest.raises(LookupError, match="/demo"):
        fail_inside()
    assert (sys.modules.get("daily"), sys.meta_path) == (modules.get("daily"), finders)
    assert dict(os.environ) == variables


def test_environment_variables_are_set_and_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_KEY", "real key")
    monkeypatch.setenv("DAILY_ROOM_URL", "https://acme.daily.co/real")
    monkeypatch.delenv("DAILY_API_URL", raising=False)
    with in_place(pacing="fast"):
        assert os.environ["DAILY_API_URL"] == URL
        assert os.environ["DAILY_API_KEY"] == "key"
        assert os.environ["DAILY_SIM_PACING"] == "fast"
        assert "DAILY_ROOM_URL" not in os.environ
    assert os.environ["DAILY_API_KEY"] == "real key"
    assert os.environ["DAILY_ROOM_URL"] == "https://acme.daily.co/real"
    assert not {"DAILY_API_URL", "DAILY_SIM_PACING"} & set(os.environ)


def test_an_unknown_pacing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="pacing: 'slow' is not usable; allowed: real-time or fast"):
        in_place(pacing="slow").__enter__()


def test_program_environment_puts_the_stand_in_first_on_pythonpath() -> None:
    base = {"PYTHONPATH": f"/a{os.pathsep}/b", "DAILY_ROOM_TOKEN": "real", "OTHER": "kept"}
    found = program_environment(api_url=URL, api_key="key", base=base)
    assert found["PYTHONPATH"].split(os.pathsep) == [str(MODULE_FOLDER), "/a", "/b"]
    assert found["DAILY_CALL_MACHINE_URL"] == "http://127.0.0.1:7880/static"
    assert found["OTHER"] == "kept"
    assert "DAILY_ROOM_TOKEN" not in found
    assert program_environment(api_url=URL, api_key="key", base={})["PYTHONPATH"] == str(MODULE_FOLDER)


def test_the_inner_module_is_the_same_under_every_name() -> None:
    with daily_python.module_in_place() as module:
        assert importlib.import_module("daily.daily") is module.daily
        assert module.daily.CallClient is module.CallClient is CallClient
