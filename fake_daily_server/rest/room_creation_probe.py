"""The test request to a `room_creation_api`, sent when the API is configured. Its outcome is only recorded.

https://docs.daily.co/docs/guides/features/dial-in-dial-out/sip-interconnect-pinless
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from fake_daily_server.settings import Settings
from fake_daily_server.telephony.roomless.room_creation import RoomCreationClient
from fake_daily_server.values.dialin_config import DialinConfig
from simulator.timeline import Timeline


async def probe_room_creation_apis(settings: Settings, timeline: Timeline, configs: Iterable[DialinConfig]) -> None:
    """Send a test request to the `room_creation_api` of each configuration; the timeline records the outcomes."""
    probed = [config for config in configs if config.room_creation_api]
    if probed:
        sender = RoomCreationClient(settings, timeline)
        try:
            await asyncio.gather(*(sender.post(config, _body(config), probe=True) for config in probed))
        finally:
            await sender.close()


def _body(config: DialinConfig) -> bytes:
    called = {"To": config.phone_number} if config.phone_number else {}
    return json.dumps({"test": "test", **called}, separators=(",", ":")).encode()
