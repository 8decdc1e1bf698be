"""Fixtures for unmodified Pipecat: its import, the environment of its bots, and an HTTP session."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from fake_daily_server.clients.daily_python import module_in_place
from fake_daily_server.server import FakeDaily
from tests.interop.pipecat.bot_runs import Bots
from tests.interop.pipecat.pipecat_runner import BOTS

if TYPE_CHECKING:
    import aiohttp

MODULES = ("services", "echo", "transport_bot", *(f"bots.{bot.stem}" for bot in sorted(BOTS.glob("*.py"))))
"""Modules of these tests that import Pipecat."""


@pytest.fixture(scope="session")
def pipecat(fake_daily_server: FakeDaily) -> None:
    """Import Pipecat and the modules that use it, without the deprecation warnings that this causes."""
    with warnings.catch_warnings(), module_in_place():
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "`AudioContextTTSService` is deprecated", DeprecationWarning)
        for module in MODULES:
            importlib.import_module(f"tests.interop.pipecat.{module}")


@pytest.fixture(autouse=True)
def daily_in_place(pipecat: None, daily_python: object) -> None:
    """Install the stand-in for daily-python, and the addresses that bots read from the environment."""


@pytest.fixture(autouse=True)
def no_exception_in_pipecat(pipecat: None) -> Iterator[None]:
    """Fail a test in which an exception was raised inside Pipecat, which only logs it."""
    from loguru import logger

    raised: list[str] = []
    handler = logger.add(raised.append, level="WARNING", filter=lambda record: record["exception"] is not None)
    yield
    logger.remove(handler)
    assert not raised, "\n".join(raised)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """The HTTP session for Pipecat's REST helper and runner."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bots() -> AsyncIterator[Bots]:
    """Start bots; those that still run at the end of the test are cancelled."""
    bots = Bots()
    try:
        yield bots
    finally:
        await bots.stop()
