"""Calls to a SIP trunk: the room, the announcement to the customer's server, and what the caller gets."""

from __future__ import annotations

from fake_daily_server.server import FakeDaily
from scenarios.context.customer_server import CustomerServer, Post
from tests.integration.sip_trunks.conftest import MakeTrunk, Trunk

ANN, NUMBER = "+12065550142", "+15550002"


def address(trunk: Trunk, user: str = NUMBER) -> str:
    """The address of a number at a trunk."""
    return str(trunk["sip_uri"]).replace("sip:", f"sip:{user}@")


async def announced(customer: CustomerServer, count: int = 1) -> list[Post]:
    """The first announcements of calls that a server has got, once there are so many."""

    def found() -> list[Post] | None:
        calls = [post for post in customer.posts if post.body["type"] == "sip_trunk.incoming"]
        return calls[:count] if len(calls) >= count else None

    posts = await customer.wait_until(found, within=5)
    assert posts is not None, customer.posts
    return posts


async def test_a_call_gets_a_room_which_the_customers_server_is_told_of(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk(description="level 1", room_template={"enable_dialout": True})
    ann = await fake_daily.network.phone(ANN)
    call = await ann.dial(address(trunk))
    (post,) = await announced(customer)
    await call.wait_answered()
    room = post.body["room"]
    assert post.body["trunk"] == {"id": trunk["id"], "trunk_name": "support", "description": "level 1"}
    assert post.body["call"] == {"From": ANN, "To": NUMBER, "callId": call.sip_call_id, "sipHeaders": {}}
    bot = await fake_daily.join(room["name"])
    connected = await bot.wait_for("dialin-connected")
    assert (connected["provider"], connected["sipCallId"]) == ("daily", call.sip_call_id)
    await bot.leave()
    assert (await call.wait_for_end()).by == "remote"
