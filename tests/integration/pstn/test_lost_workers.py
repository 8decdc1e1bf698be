"""SIP worker processes that die during the calls of held callers and during transfers."""

from __future__ import annotations

import os
import signal

from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.event_actions import actions
from tests.integration.pstn.conftest import CALLER, NUMBER, Pinless
from tests.integration.transfers.conftest import DESK, meet


def kill_worker(daily: FakeDaily, sip_call_id: str) -> None:
    (call,) = [call for call in daily.gateway.calls if call.sip_call_id == sip_call_id]
    os.kill(call.user_agent.pid, signal.SIGKILL)


async def test_a_held_call_ends_with_its_worker_and_the_next_one_is_held(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless
) -> None:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    kill_worker(fake_daily, call.sip_call_id)
    await call.wait_for_end()
    assert (await pinless.update(asked, bot.events[-1]["sipEndpoint"])).status_code == 404
    before = len(pinless.customer.posts)
    again = await caller.dial(NUMBER)
    assert await pinless.next_held_caller(after=before) is not None
    await again.hang_up()


async def test_a_bridged_call_whose_worker_dies_ends_on_both_sides(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    meeting = await meet(fake_daily)
    desk = await phone_network.phone(DESK)
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    talking = await desk.wait_for_call()
    await meeting.bridged()
    kill_worker(fake_daily, talking.sip_call_id)
    await talking.wait_for_end()
    await meeting.call.wait_for_end()
    await meeting.came_to("completed")
    await meeting.bot.participant_counts()  # its answer follows the events
    ends = [action for action in actions(meeting.bot.events) if action in ("dialout-stopped", "dialout-error")]
    assert len(ends) == 1, "both calls may be on one worker, and the end of either may be reported first"
