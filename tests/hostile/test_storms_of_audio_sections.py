"""Storms of calls whose offers have several audio sections: no worker dies, and no good call beside them is refused."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.hostile.profile import HOST, chosen
from tests.hostile.test_many_audio_sections import offer
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

SECONDS = chosen(short=3, long=30)
GOOD_CALLS_PER_SECOND = 2


@pytest.mark.timeout(60 + 2 * SECONDS)
@pytest.mark.parametrize(("sections", "per_second"), [(4, 20), (2, 40)])
async def test_good_calls_are_answered_in_a_storm(sections: int, per_second: int) -> None:
    settings = Settings(host=HOST, port=0, sip_port=0, sip_timers="fast", max_sip_pstn_sessions_per_room=60)
    async with FakeDaily(settings) as daily:
        attacked, other = await _endpoints(daily, rooms=4), await _endpoints(daily, rooms=1)
        storm, good = await asyncio.gather(
            _calls(daily, attacked, offer(sections, lambda _: True), per_second),
            _calls(daily, other, audio_sdp(41000), GOOD_CALLS_PER_SECOND),
        )
        deaths = [str(record) for record in daily.timeline.records(kind="worker") if "how" in record.fields]
    assert deaths == []
    assert good == {200: GOOD_CALLS_PER_SECOND * SECONDS}, (good, storm)
    assert set(storm) <= {200, 486, 488, 503}
    assert storm[200]


async def _endpoints(daily: FakeDaily, *, rooms: int) -> list[str]:
    """The SIP URIs of so many rooms with a participant; each URI takes one call at a time."""
    uris: list[str] = []
    for _ in range(rooms):
        room = await daily.create_room(sip={"sip_mode": "dial-in", "display_name": "caller", "num_endpoints": 5})
        await daily.join(room)
        uris += room.sip_uris
    return uris


async def _calls(daily: FakeDaily, endpoints: list[str], sdp: str, per_second: int) -> Counter[int]:
    """Call at this rate with this offer, and hang up at once; the statuses of the responses."""
    statuses: Counter[int] = Counter()
    host, _, port = daily.network.address.partition(":")

    async def call(endpoint: str) -> None:
        async with RawUserAgent() as caller:
            dialog = RawDialog.calling(caller, endpoint, through=(host, int(port)))
            status = (await dialog.call(sdp)).status[0]
            statuses[status] += 1
            if status == 200:
                await dialog.request("BYE")
                await dialog.final_response()

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as calls:
        for number in range(per_second * SECONDS):
            await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
            calls.create_task(call(endpoints[number % len(endpoints)]))
    return statuses
