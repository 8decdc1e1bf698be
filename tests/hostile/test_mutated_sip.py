"""Mutations of seven ordinary messages, in calls and outside of them: no worker dies, and good calls work."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.hostile.profile import HOST, chosen, random_seed
from tests.hostile.sip_fuzzer.lanes import LANES, MESSAGES_PER_SECOND, Lane, lanes
from tests.hostile.sip_fuzzer.seeds import CORPUS

MESSAGES = chosen(short=100, long=4300)
"""Of each seed: 700 in all, or 30,100."""


@pytest.mark.timeout(60 + 10 * MESSAGES / MESSAGES_PER_SECOND)
async def test_mutated_messages_kill_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    seed = random_seed()
    sys.stderr.write(f"random seed {seed}; DAILY_SIM_ATTACK_SEED={seed} repeats it\n")
    settings = Settings(host=HOST, port=0, sip_port=0, sip_timers="fast", max_sip_pstn_sessions_per_room=60)
    with caplog.at_level(logging.ERROR):
        async with FakeDaily(settings) as daily, lanes(daily, seed=seed, host=HOST) as (attack, made):
            await asyncio.gather(*(lane.run(MESSAGES) for lane in made))
            for lane in made:
                await _is_called(lane)
            attack.check()
    assert [f"{record.name}: {record.getMessage()}" for record in caplog.records] == []
    assert attack.statuses[200] > MESSAGES / 8


def test_each_message_of_the_corpus_has_a_lane() -> None:
    assert {file.stem for file in CORPUS.iterdir()} == set(LANES)


async def _is_called(lane: Lane) -> None:
    """A good call works, at the latest when the calls of mutated messages have timed out."""
    async with asyncio.timeout(10):
        while True:
            dialog, status = await lane.peer.call(lane.phone.uri, lane.attack.door)
            if status == 200:
                assert await lane.peer.hang_up(dialog) == 200
                return
            assert status in {486, 503}
            await asyncio.sleep(0.2)
