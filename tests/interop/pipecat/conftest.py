"""Pipecat as it comes from PyPI, and what its parts need: the environment of a bot, and an HTTP session."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator

import aiohttp
import pytest

from fake_daily_server.server import FakeDaily


@pytest.fixture(scope="session")
def pipecat() -> None:
    """Import what all of Pipecat stands on. It imports `audioop`, which says that Python 3.13 lacks it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        import pipecat.frames.frames
        import pipecat.transports.base_output  # noqa: F401


@pytest.fixture(autouse=True)
def bot_environment(pipecat: None, fake_daily: FakeDaily, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that Pipecat's runner reads; a room of its own is not named."""
    monkeypatch.setenv("DAILY_API_URL", fake_daily.api_url)
    monkeypatch.setenv("DAILY_API_KEY", fake_daily.api_key)
    monkeypatch.delenv("DAILY_ROOM_URL", raising=False)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """The session that Pipecat's REST helper and runner are given."""
    async with aiohttp.ClientSession() as session:
        yield session
