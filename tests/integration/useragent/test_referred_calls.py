"""REFERs of peers (RFC 3515): the new call, its progress, and refusals."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import ConfigurationError
from simulator.useragent import Answered, Call, Dialling, Ended, Media, Pool, TransferProgress, TransferRequested
from tests.integration.useragent.conftest import AnsweredCall
from tests.integration.useragent.party import Notices, Party


async def final_progress(notices: Notices) -> TransferProgress:
    progress = await notices.until(
        lambda: [n for n in notices.of(TransferProgress) if n.final], "final progress of the transfer"
    )
    return progress if isinstance(progress, TransferProgress) else progress[0]


async def test_an_accepted_refer_makes_a_call_and_reports_its_progress(answered: AnsweredCall, pool: Pool) -> None:
    carol = Party(await pool.lease())
    referred: asyncio.Queue[tuple[Call, Dialling, Notices]] = asyncio.Queue()

    def adopt(call: Call, dialling: Dialling) -> None:
        notices = Notices()
        call.on_notice = notices
        referred.put_nowait((call, dialling, notices))

    agent = answered.callee_agent
    agent.on_referred = adopt
    await agent.follow_refers()
    await answered.caller.transfer(carol.uri)
    incoming, _, _ = await carol.next_call()
    await incoming.answer()
    assert (await final_progress(answered.caller_notices)).status == 200
    assert next(n.status for n in answered.caller_notices.of(TransferProgress)) == 202, (
        "the REFER's own response comes first"
    )
    asked = await answered.callee_notices.wait(TransferRequested)
    assert (asked.to, asked.status) == (carol.uri, 202)
    async with asyncio.timeout(3):
        call, dialling, notices = await referred.get()
    assert dialling.referred_by == answered.callee.key
    assert dialling.sip_call_id == call.sip_call_id == incoming.sip_call_id
    await notices.wait(Media)
    await answered.caller.hang_up()
    await answered.callee_notices.wait(Ended)
    await call.hang_up()
    await notices.wait(Ended)
    assert notices.kinds[-3:] == ["answered", "media", "ended"]
    assert notices.of(Answered)


async def test_a_busy_target_is_reported_to_the_transferor(answered: AnsweredCall, pool: Pool) -> None:
    carol = Party(await pool.lease())
    await answered.callee_agent.follow_refers()
    await answered.caller.transfer(carol.uri)
    incoming, _, _ = await carol.next_call()
    await incoming.reject(486)
    assert (await final_progress(answered.caller_notices)).status == 486
    await answered.caller.send_info("text/plain", "the call goes on")


@pytest.mark.parametrize(
    "target", ["sip:bob@sip.example.com", "sip:bob@127.0.0.1;maddr=192.0.2.66", "sip:127.0.0.1@192.0.2.66"]
)
async def test_a_refer_to_another_machine_is_answered_403(answered: AnsweredCall, target: str) -> None:
    await answered.callee_agent.follow_refers()
    await answered.caller.transfer(target)
    assert (await final_progress(answered.caller_notices)).status == 403


async def test_refers_can_be_refused_with_any_refusal_status(answered: AnsweredCall) -> None:
    agent = answered.callee_agent
    await agent.follow_refers(501)
    await answered.caller.transfer("sip:carol@127.0.0.1:5099")
    assert (await final_progress(answered.caller_notices)).status == 501
    for status in (200, 180, 700):
        with pytest.raises(ConfigurationError):
            await agent.follow_refers(status)
