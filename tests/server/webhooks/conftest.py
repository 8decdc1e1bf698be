from collections.abc import AsyncIterator

import pytest

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from tests.daily_side import DailySide, daily_side


@pytest.fixture
async def side() -> AsyncIterator[DailySide]:
    async with daily_side(webhook_timeout=0.5) as served:
        yield served


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as opened:
        yield opened
