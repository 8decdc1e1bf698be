"""REFERs that are followed (RFC 3515): the new call, the news of it, and what is not followed."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigurationError
from simulator.useragent import Answered, Call, Dialling, Ended, Media, Pool, TransferProgress, TransferRequested
from simulator.useragent.sip_text import is_loopback_uri
from tests.integration.useragent.conftest import Talk
from tests.integration.useragent.heard import Heard, Party


async def final_news(heard: Heard) -> TransferProgress:
    news = await heard.until(lambda: [n for n in heard.of(TransferProgress) if n.final], "final news of the transfer")
    return news if isinstance(news, TransferProgress) else news[0]


async def test_a_followed_refer_is_a_call_and_its_news_come_back(talk: Talk, pool: Pool) -> None:
    carol = Party(await pool.lease())
    referred: list[tuple[Call, Dialling, Heard]] = []

    def adopt(call: Call, dialling: Dialling) -> None:
        heard = Heard()
        call.on_notice = heard
        referred.append((call, dialling, heard))

    agent = talk.callee.user_agent
    agent.on_referred = adopt
    await agent.follow_refers()
    await talk.caller.transfer(carol.uri)
    incoming, _, _ = await carol.next_call()
    await incoming.answer()
    assert (await final_news(talk.caller_heard)).status == 200
    assert next(n.status for n in talk.caller_heard.of(TransferProgress)) == 202, "the REFER's own response comes first"
    asked = await talk.callee_heard.wait(TransferRequested)
    assert (asked.to, asked.status) == (carol.uri, 202)
    call, dialling, heard = referred[0]
    assert dialling.referred_by == talk.callee.key
    assert dialling.sip_call_id == call.sip_call_id == incoming.sip_call_id
    await heard.wait(Media)
    await talk.caller.hang_up()
    await talk.callee_heard.wait(Ended)
    await call.hang_up()
    await heard.wait(Ended)
    assert heard.kinds[-3:] == ["answered", "media", "ended"]
    assert heard.of(Answered)


async def test_a_busy_target_is_told(talk: Talk, pool: Pool) -> None:
    carol = Party(await pool.lease())
    await talk.callee.user_agent.follow_refers()
    await talk.caller.transfer(carol.uri)
    incoming, _, _ = await carol.next_call()
    await incoming.reject(486)
    assert (await final_news(talk.caller_heard)).status == 486
    await talk.caller.send_info("text/plain", "the call goes on")


async def test_no_packet_leaves_the_machine(talk: Talk) -> None:
    await talk.callee.user_agent.follow_refers()
    await talk.caller.transfer("sip:bob@sip.example.com")
    assert (await final_news(talk.caller_heard)).status == 403


async def test_another_status_refuses_and_wrong_ones_are_refused(talk: Talk) -> None:
    agent = talk.callee.user_agent
    await agent.follow_refers(501)
    await talk.caller.transfer("sip:carol@127.0.0.1:5099")
    assert (await final_news(talk.caller_heard)).status == 501
    for status in (200, 180, 700):
        with pytest.raises(ConfigurationError):
            await agent.follow_refers(status)


@pytest.mark.parametrize(
    ("uri", "here"),
    [
        ("sip:a@127.0.0.1:5060", True),
        ("sip:127.8.0.1", True),
        ("sip:a@[::1]:5060;transport=tcp", True),
        ("sips:a@localhost;lr", True),
        ("sip:a@10.0.0.1", False),
        ("sip:a@sip.example.com", False),
        ("sip:127.0.0.1@example.com", False),
        ("sip:localhost.example.com", False),
        ("tel:+1206", False),
        ("", False),
    ],
)
def test_which_uris_are_on_this_machine(uri: str, here: bool) -> None:
    assert is_loopback_uri(uri) is here
