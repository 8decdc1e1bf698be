"""What a sandbox begins with: a room that can be called and can dial out, somebody in it, and three phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.phone_spec import CallPlan, PhoneSpec

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

ROOM = "demo"
PHONES = (
    PhoneSpec(name="Ann", number="+12065550101", calls=(CallPlan(ring_ms=1000),), refers="follow"),
    PhoneSpec(name="Ben", number="+12065550102", calls=(CallPlan(then="wait"),), refers="follow"),
    PhoneSpec(name="Cleo", number="+12065550103", calls=(CallPlan(then="busy"),), codecs=("OPUS", "G722")),
)
"""Ann answers after a second, Ben rings until somebody answers or declines on the page, Cleo is busy.
Ann and Ben follow a transfer."""


async def add_first_content(daily: FakeDaily, *, again: bool = False) -> None:
    """Add the room, a scripted participant, so that the room can be called, and the phones.

    `again`: rooms and phones are those of an earlier start, of which only the participant is added, to the room `demo`.
    """
    if not again:
        await daily.create_room(
            ROOM, enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "caller", "num_endpoints": 2}
        )
        for spec in PHONES:
            await daily.network.install(spec)
    if daily.rooms.find(ROOM) is not None:
        await daily.join(ROOM, user_name="host")
