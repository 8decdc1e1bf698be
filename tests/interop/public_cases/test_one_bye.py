"""A call ends with one BYE (RFC 3261 §15), however many of its requests fail, and in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from simulator.errors import CallError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.useragent.sip_text import SipMessage
from tests.integration.relay.soon import soon
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

LATE_S = 0.3
"""How long a second BYE is waited for; it would follow the response at once."""


class AnsweredCall:
    """A call of a phone that a raw user agent has answered."""

    def __init__(self, agent: RawUserAgent, dialog: RawDialog, call: PhoneCall) -> None:
        self.agent, self.dialog, self.call = agent, dialog, call
        self._sending: list[asyncio.Task[None]] = []

    def begin(self, *requests: str) -> None:
        """Send requests that the peer does not answer yet."""
        self._sending += [asyncio.create_task(self._send(request)) for request in requests]

    async def _send(self, request: str) -> None:
        try:
            await (self.call.hold() if request == "INVITE" else self.call.send_info("text/plain", "how are you?"))
        except CallError:
            return

    async def requests(self, *methods: str) -> list[SipMessage]:
        """Wait until so many requests have come; the first INVITE is that of the call itself."""
        await asyncio.gather(*(self.agent.request(one, number=_number(methods, one)) for one in set(methods)))
        return [message for one in sorted(set(methods)) for message in self.agent.requests(one)[one == "INVITE" :]]

    async def is_gone_for(self, request: SipMessage) -> None:
        """Answer a request as a peer that knows no such call."""
        await self.dialog.answer("481 Call/Transaction Does Not Exist", to=request)

    async def ends_with_one_bye(self) -> None:
        bye = await self.agent.request("BYE")
        await asyncio.sleep(LATE_S)
        assert len(self.agent.requests("BYE")) == 1
        await self.is_gone_for(bye)
        await asyncio.sleep(LATE_S)
        assert len(self.agent.requests("BYE")) == 1
        await self.call.wait_for_end()
        await asyncio.gather(*self._sending)


@pytest_asyncio.fixture
async def answered(phone_network: Network) -> AsyncIterator[AnsweredCall]:
    phone = await phone_network.phone("+12065550142")
    async with RawUserAgent() as agent:
        call = await phone.dial(agent.uri)
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", audio_sdp(40000))
        await call.wait_answered()
        yield AnsweredCall(agent, dialog, call)


@pytest.mark.parametrize("methods", [("INFO",), ("INFO", "INFO"), ("INVITE",), ("INVITE", "INFO")], ids="+".join)
async def test_requests_that_get_481(answered: AnsweredCall, methods: tuple[str, ...]) -> None:
    answered.begin(*methods)
    for request in await answered.requests(*methods):
        await answered.is_gone_for(request)
    await answered.ends_with_one_bye()


@pytest.mark.parametrize("method", ["INFO", "INVITE"])
async def test_a_request_that_gets_481_after_the_bye(answered: AnsweredCall, method: str) -> None:
    answered.begin(method)
    [request] = await answered.requests(method)
    await answered.call.hang_up()
    await answered.agent.request("BYE")
    await answered.is_gone_for(request)
    await answered.ends_with_one_bye()


async def test_a_call_that_is_hung_up_twice(answered: AnsweredCall) -> None:
    await asyncio.gather(answered.call.hang_up(), answered.call.hang_up())
    await answered.ends_with_one_bye()


async def test_a_transfer_that_gets_481_ends_alone(phone_network: Network, answered: AnsweredCall) -> None:
    """RFC 5057 §5.1: the subscription of a REFER ends, and the call goes on."""
    await answered.call.transfer("sip:other@127.0.0.1:9")
    await answered.is_gone_for(await answered.agent.request("REFER"))
    wanted = {"action": "receives NOTIFY", "status": 481}
    await soon(
        lambda: any(wanted.items() <= record.fields.items() for record in phone_network.timeline.records()),
        "the failure of the transfer",
    )
    assert answered.call.state == "answered"
    await answered.call.hang_up()
    await answered.ends_with_one_bye()


def _number(methods: tuple[str, ...], method: str) -> int:
    return methods.count(method) + (method == "INVITE")
