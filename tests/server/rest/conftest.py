"""The Daily side of a server over HTTP, without SIP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.daily_side import DailySide, daily_side


@pytest.fixture
async def side() -> AsyncIterator[DailySide]:
    async with daily_side() as served:
        yield served
