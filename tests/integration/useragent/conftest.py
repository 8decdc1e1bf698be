"""Leased user agents for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from simulator.useragent import Answered, Call, Media, Pool, WorkerSettings
from tests.integration.useragent.heard import Heard, Party


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(WorkerSettings(transaction_timeout_ms=1500), warm=2, limit=6, on_log=print) as pool:
        yield pool


@pytest.fixture
async def alice(pool: Pool) -> Party:
    return Party(await pool.lease())


@pytest.fixture
async def bob(pool: Pool) -> Party:
    return Party(await pool.lease())


@dataclass
class Talk:
    """An answered call with media, from both ends."""

    caller: Call
    caller_heard: Heard
    callee: Call
    callee_heard: Heard


Connect = Callable[..., Awaitable[Talk]]


@pytest.fixture
def connect(alice: Party, bob: Party) -> Connect:
    async def connect(*, codecs: tuple[str, ...] = ("PCMU",), telephone_event: bool = True, **options: object) -> Talk:
        call, heard = await alice.dial(bob, codecs=codecs, telephone_event=telephone_event, **options)
        other, _, other_heard = await bob.next_call()
        await other.answer(codecs=codecs)  # type: ignore[arg-type]  # names of codecs
        for log in (heard, other_heard):
            await log.wait(Answered)
            await log.wait(Media)
        return Talk(call, heard, other, other_heard)

    return connect


@pytest.fixture
async def talk(connect: Connect) -> Talk:
    return await connect()
