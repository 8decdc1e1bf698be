"""A meeting with a caller who can be transferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from tests.timeline_waits import wait_for_record

CALLER = "+12065550199"
DESK = "+12065550142"


@dataclass
class Meeting:
    """A bot and a caller in a room, and the progress of transfers."""

    daily: FakeDaily
    room: RoomHandle
    bot: Client
    phone: Phone
    call: PhoneCall
    session_id: str

    def steps(self) -> list[str]:
        """The steps of transfers so far, as webhooks would receive them."""
        records = self.daily.timeline.records(kind="transfer")
        return [record.fields["action"] for record in records if record.fields["action"] != "bridged"]

    async def bridged(self) -> None:
        """Wait until the audio of both calls is connected."""
        await wait_for_record(self.daily, lambda record: record.fields.get("action") == "bridged")

    async def came_to(self, step: str) -> None:
        """Wait until a transfer has reached `step`."""
        await wait_for_record(self.daily, lambda record: record.kind == "transfer" and record.fields["action"] == step)


async def meet(daily: FakeDaily, *, refers: Any = "refuse") -> Meeting:
    """Make a room with a bot and a caller; `refers` is what the caller's phone does with a REFER."""
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
