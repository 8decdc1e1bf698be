"""A room with a caller in it, who can be transferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fake_daily_server.client import Client
from fake_daily_server.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from tests.timeline_waits import wait_for_record

CALLER = "+12065550199"
DESK = "+12065550142"


@dataclass
class Meeting:
    """A bot in a room, a caller who has dialled in, and how far transfers have come."""

    daily: FakeDaily
    room: RoomHandle
    bot: Client
    phone: Phone
    call: PhoneCall
    session_id: str

    def steps(self) -> list[str]:
        """What webhooks would be told of transfers."""
        records = self.daily.timeline.records(kind="transfer")
        return [record.fields["action"] for record in records if record.fields["action"] != "bridged"]

    async def bridged(self) -> None:
        """Both sides hear each other now."""
        await wait_for_record(self.daily, lambda record: record.fields.get("action") == "bridged")

    async def came_to(self, step: str) -> None:
        """Wait for a step of a transfer."""
        await wait_for_record(self.daily, lambda record: record.kind == "transfer" and record.fields["action"] == step)


async def meet(daily: FakeDaily, *, refers: Any = "refuse") -> Meeting:
    """Make a room, a bot and a caller whose phone does so with REFERs."""
    room = await daily.create_room(enable_dialout=True, sip={"display_name": "a caller"})
    bot = await daily.join(room)
    phone = await daily.network.phone(CALLER, refers=refers)
    call = await phone.dial(room.sip_uris[0])
    connected, _ = await bot.wait_for(["dialin-connected", "participant-joined"])
    await call.wait_answered()
    return Meeting(daily, room, bot, phone, call, connected["sessionId"])


@pytest.fixture
async def meeting(fake_daily: FakeDaily, phone_network: Network) -> Meeting:
    return await meet(fake_daily)
