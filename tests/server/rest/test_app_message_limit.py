"""App messages may have 4096 bytes of JSON in UTF-8, over REST as over the signalling."""

from __future__ import annotations

import re

import pytest

from fake_daily_server.values.errors import DailyError
from tests.daily_side import DailySide
from tests.server.rest.refusals import refused

OF_4096_BYTES = {"ascii": "x" * 4094, "e acute": "\u00e9" * 2047}
OF_4097_BYTES = {"ascii": "x" * 4095, "e acute": "\u00e9" * 2047 + "x"}
"""JSON adds the two quotation marks."""

TOO_LONG = "data has 4097 bytes of JSON but may have at most 4096"


@pytest.mark.parametrize("data", OF_4096_BYTES.values(), ids=OF_4096_BYTES)
async def test_a_message_of_4096_bytes_is_sent(side: DailySide, data: str) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob:
        response = await side.api.post("/rooms/demo/send-app-message", json={"data": data})
        assert response.status_code == 200
        await bob.send_app_message(data)
        assert [event["data"] for event in await ann.wait_for(["app-message"] * 2)] == [data, data]


@pytest.mark.parametrize("data", OF_4097_BYTES.values(), ids=OF_4097_BYTES)
async def test_a_message_of_4097_bytes_is_refused(side: DailySide, data: str) -> None:
    side.room()
    async with side.client() as bob:
        assert await refused(side, "POST", "/rooms/demo/send-app-message", 400, json={"data": data}) == TOO_LONG
        with pytest.raises(DailyError, match=re.escape(TOO_LONG)):
            await bob.send_app_message(data)
