"""A pytest plugin that measures set-up and teardown of the session fixture, for `session_fixture`.

`python -m pytest -p benchmarks.fixture_times` writes `{setup_ms, teardown_ms}` to the file that the environment
variable below names.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

FILE = "DAILY_SIM_FIXTURE_TIMES"
_SESSION = ("fake_daily_settings", "fake_daily_server")
"""The fixtures that the first test waits for, in which the imports happen."""


class _Times:
    def __init__(self) -> None:
        self.setup_s = 0.0
        self.teardown_began = 0.0


_TIMES = _Times()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Add up the set-up times; note the start of the teardown in a finalizer, of which the last added runs first."""
    began = time.perf_counter()
    result = yield
    if fixturedef.argname in _SESSION:
        _TIMES.setup_s += time.perf_counter() - began
    if fixturedef.argname == "fake_daily_server":
        fixturedef.addfinalizer(_teardown_begins)
    return result


def _teardown_begins() -> None:
    _TIMES.teardown_began = time.perf_counter()


def pytest_fixture_post_finalizer(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Write the times after the teardown. pytest may call this repeatedly; only the first call counts."""
    if fixturedef.argname == "fake_daily_server" and _TIMES.teardown_began:
        teardown_s = time.perf_counter() - _TIMES.teardown_began
        _TIMES.teardown_began = 0.0
        times = {"setup_ms": _TIMES.setup_s * 1000, "teardown_ms": teardown_s * 1000}
        Path(os.environ[FILE]).write_text(json.dumps(times), encoding="utf-8")
