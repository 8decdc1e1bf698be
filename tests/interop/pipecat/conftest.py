"""Pipecat as it comes from PyPI, and what its parts need: the environment of a bot, and an HTTP session."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from fake_daily_server.clients.daily_python import module_in_place
from fake_daily_server.server import FakeDaily
from tests.interop.pipecat.making import Bots
from tests.interop.pipecat.runner import BOTS

if TYPE_CHECKING:
    import aiohttp

MODULES = ("services", "echo", "transport_bot", *(f"bots.{bot.stem}" for bot in sorted(BOTS.glob("*.py"))))
"""What stands on Pipecat here."""


@pytest.fixture(scope="session")
def pipecat(fake_daily_server: FakeDaily) -> None:
    """Import Pipecat and what stands on it, parts of which warn: of what Python 3.13 lacks, and of own old names."""
    with warnings.catch_warnings(), module_in_place():
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "`AudioContextTTSService` is deprecated", DeprecationWarning)
        for module in MODULES:
            importlib.import_module(f"tests.interop.pipecat.{module}")


@pytest.fixture(autouse=True)
def daily_in_place(pipecat: None, daily_python: object) -> None:
    """The stand-in for daily-python, and the addresses that bots read from the environment."""


@pytest.fixture(autouse=True)
def pipecat_catches_nothing(pipecat: None) -> Iterator[None]:
    """Fails a test in which something raised inside Pipecat, which logs it and goes on."""
    from loguru import logger

    raised: list[str] = []
    handler = logger.add(raised.append, level="WARNING", filter=lambda record: record["exception"] is not None)
    yield
    logger.remove(handler)
    assert not raised, "\n".join(raised)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """The session that Pipecat's REST helper and runner are given."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bots() -> AsyncIterator[Bots]:
    """Starts bots; those that still run when the test is over are cancelled."""
    bots = Bots()
    try:
        yield bots
    finally:
        await bots.stop()
