"""Offers with many audio sections: PJSIP has 64 places for RTP sockets, and aborts without one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import psutil
import pytest

from simulator.network import Network
from simulator.phone import Phone
from tests.interop.public_cases.raw_rtp import HOST
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

NUMBER = "+12065550142"
CALLERS = 4
"""As many as a worker has calls."""


def offer(sections: int, is_open: Callable[[int], bool]) -> str:
    lines = ["v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0"]
    lines += [f"m=audio {41000 + 2 * index if is_open(index) else 0} RTP/AVP 0" for index in range(sections)]
    return "\r\n".join([*lines, ""])


async def test_many_calls_with_many_sections_each(phone_network: Network) -> None:
    phone = await phone_network.phone(NUMBER)
    worker = phone.worker_pid

    async def call_and_hang_up() -> None:
        for _ in range(10):
            async with RawUserAgent() as caller:
                dialog = _dialog(phone_network, caller)
                if (await dialog.call(offer(11, lambda _: True))).status[0] == 200:
                    await dialog.request("BYE")
                    await dialog.final_response()

    await asyncio.gather(*(call_and_hang_up() for _ in range(CALLERS)))
    assert phone.worker_pid == worker


@pytest.mark.parametrize("sections", [2, 11])
async def test_audio_that_moves_to_another_section_with_each_offer(phone_network: Network, sections: int) -> None:
    phone = await phone_network.phone(NUMBER)
    worker = phone.worker_pid
    assert worker is not None
    descriptors = psutil.Process(worker).num_fds()
    statuses: Counter[int] = Counter()

    async def move_often() -> None:
        async with RawUserAgent() as caller:
            dialog = _dialog(phone_network, caller)
            assert (await dialog.call(offer(sections, lambda index: index == 0))).status[0] == 200
            for turn in range(1, 40):
                response = await dialog.reinvite(offer(sections, lambda index: index == turn % sections))  # noqa: B023
                statuses[response.status[0]] += 1
            await dialog.request("BYE")
            await dialog.final_response()

    await asyncio.gather(*(move_often() for _ in range(CALLERS)))
    assert set(statuses) == {200, 488}
    assert phone.worker_pid == worker
    assert psutil.Process(worker).num_fds() <= descriptors + 2 * CALLERS
    await _can_be_called(phone_network, phone)


def _dialog(network: Network, caller: RawUserAgent) -> RawDialog:
    host, _, port = network.address.partition(":")
    return RawDialog.calling(caller, f"sip:{NUMBER}@{network.address}", through=(host, int(port)))


async def _can_be_called(network: Network, phone: Phone) -> None:
    other = await network.phone("+12065550143")
    call = await other.dial(phone.uri)
    await call.wait_answered()
