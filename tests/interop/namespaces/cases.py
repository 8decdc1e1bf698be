"""A server beside hostile peers, the list of cases that are played with it, and how their calls begin and end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

FOREIGN = "192.0.2.66"
NEIGHBOUR = "198.51.100.66"
"""On the same network as the machine, so that a packet would need an ARP request first."""
NAME = "host.example"
AT_ONCE_S = 2.5
"""Less than the 3 s that a look-up of a name takes, with a name server that is silent."""


@dataclass
class Surroundings:
    daily: FakeDaily
    room: RoomHandle
    client: Client

    @property
    def front_door(self) -> tuple[str, int]:
        host, _, port = self.daily.network.address.rpartition(":")
        return host, int(port)


Case = Callable[[Surroundings], Awaitable[None]]
CASES: dict[str, Case] = {}
ALONE: set[str] = set()
"""Cases that measure time, and are played when no other is."""


def case(
    name: str, *parameters: object, alone: bool = False
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Add a coroutine function as a case: it gets the surroundings and `parameters`."""

    def register(function: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def run(around: Surroundings) -> None:
            await function(around, *parameters)

        CASES[name] = run
        if alone:
            ALONE.add(name)
        return function

    return register


async def dialled_in(
    around: Surroundings, agent: RawUserAgent, sdp: str, headers: dict[str, str | None], endpoint: int = 0
) -> tuple[RawDialog, str]:
    """A call of the raw agent into the room; its session id."""
    dialog = RawDialog.calling(agent, around.room.sip_uris[endpoint], through=around.front_door)
    response = await dialog.call(sdp, headers=headers)
    assert response.start.startswith("SIP/2.0 200"), response.start
    connected = await around.client.wait_for("dialin-connected")
    return dialog, str(connected["sessionId"])


async def dialled_out(
    around: Surroundings, agent: RawUserAgent, sdp: str, headers: dict[str, str | None]
) -> tuple[RawDialog, str]:
    """A call of the room to the raw agent, which it has answered; its session id."""
    session_id = await around.client.start_dialout({"sipUri": agent.uri})
    dialog = await RawDialog.called(agent)
    await dialog.answer("200 OK", sdp, headers=headers)
    return dialog, session_id


async def bye_arrives(around: Surroundings, agent: RawUserAgent, dialog: RawDialog, session_id: str) -> str:
    await around.client.stop_dialout(session_id)
    bye = await agent.receive("BYE ", within=AT_ONCE_S)
    await dialog.answer("200 OK", to=bye)
    return bye.start
