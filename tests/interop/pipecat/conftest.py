"""Pipecat as it comes from PyPI, and what its parts need: the environment of a bot, and an HTTP session."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.interop.pipecat.making import Bots


@pytest.fixture(scope="session")
def pipecat() -> None:
    """Import the parts of Pipecat that warn by being imported: of what Python 3.13 lacks, and of its own old names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "`AudioContextTTSService` is deprecated", DeprecationWarning)
        importlib.import_module("tests.interop.pipecat.services")


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
