"""Leased user agents, and a call between two of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from simulator.sip_timers import SipTimers
from simulator.useragent import Answered, Call, Media, Pool, UserAgent, WorkerSettings
from tests.integration.useragent.party import Notices, Party

TIMERS = SipTimers(name="test", unanswered_ms=1500, automatic_ms=1500, t4_ms=1000)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(WorkerSettings(timers=TIMERS), warm=2, limit=6, on_log=print) as pool:
        yield pool


@pytest.fixture
async def alice(pool: Pool) -> Party:
    return Party(await pool.lease())


@pytest.fixture
async def bob(pool: Pool) -> Party:
    return Party(await pool.lease())


@dataclass
class AnsweredCall:
    """An answered call with media: both user agents, their handles of the call and the notices of each."""

    caller_agent: UserAgent
    caller: Call
    caller_notices: Notices
    callee_agent: UserAgent
    callee: Call
    callee_notices: Notices


Connect = Callable[..., Awaitable[AnsweredCall]]


@pytest.fixture
def connect(alice: Party, bob: Party) -> Connect:
    async def connect(
        *, codecs: tuple[str, ...] = ("PCMU",), telephone_event: bool = True, **options: object
    ) -> AnsweredCall:
        call, notices = await alice.dial(bob, codecs=codecs, telephone_event=telephone_event, **options)
        other, _, other_notices = await bob.next_call()
        await other.answer(codecs=codecs)  # type: ignore[arg-type]  # names of codecs
        for log in (notices, other_notices):
            await log.wait(Answered)
            await log.wait(Media)
        return AnsweredCall(alice.agent, call, notices, bob.agent, other, other_notices)

    return connect


@pytest.fixture
async def answered(connect: Connect) -> AnsweredCall:
    return await connect()
