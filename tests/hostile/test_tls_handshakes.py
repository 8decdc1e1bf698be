"""TLS connections whose peers never finish their handshake, or send something else."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest

from simulator.front_door import DestinationGroup, FrontDoor
from simulator.sip_tls import SipTls
from simulator.timeline import Timeline
from tests.hostile.test_tcp_connections import Stream, closed, is_served


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
async def front_door(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FrontDoor]:
    monkeypatch.setattr("simulator.front_door.tls_handshakes.MOST_HANDSHAKES", 3)
    tls = SipTls(0)
    async with FrontDoor(port=0, router=lambda _: DestinationGroup(), timeline=timeline, tls=tls) as front_door:
        yield front_door


async def opened(front_door: FrontDoor, *, secure: bool) -> Stream:
    assert front_door.tls.address is not None
    host, _, port = front_door.tls.address.partition(":")
    context = ssl.create_default_context(cafile=front_door.tls.certificate) if secure else None
    return await asyncio.open_connection(host, int(port), ssl=context)


async def wait_for_drops(timeline: Timeline, count: int) -> list[str]:
    def found() -> list[str] | None:
        texts = [str(one.fields["dropped"]) for one in timeline.records() if "dropped" in one.fields]
        return texts if len(texts) >= count else None

    return await timeline.until(found, within=10) or []


async def test_peers_that_never_begin_do_not_keep_others_out(front_door: FrontDoor, timeline: Timeline) -> None:
    idle = [await opened(front_door, secure=False) for _ in range(30)]
    peer = await opened(front_door, secure=True)
    assert await is_served(peer)
    assert await wait_for_drops(timeline, 1)
    await closed(peer, *idle)


async def test_a_handshake_that_takes_too_long_is_given_up(
    front_door: FrontDoor, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.front_door.tls_handshakes.HANDSHAKE_S", 0.05)
    reader, writer = await opened(front_door, secure=False)
    assert await reader.read() == b""
    assert await wait_for_drops(timeline, 1) == ["a TLS connection without a handshake"]
    writer.close()


async def test_sip_in_the_clear_is_recorded_and_not_answered(front_door: FrontDoor, timeline: Timeline) -> None:
    reader, writer = await opened(front_door, secure=False)
    writer.write(b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n\r\n")
    assert not (await reader.read()).startswith(b"SIP/2.0")
    assert await wait_for_drops(timeline, 1) == ["a TLS connection without a handshake"]
    writer.close()


async def test_a_front_door_closes_with_handshakes_under_way(timeline: Timeline) -> None:
    async with FrontDoor(port=0, router=lambda _: DestinationGroup(), timeline=timeline, tls=SipTls(0)) as front_door:
        reader, writer = await opened(front_door, secure=False)
        peer = await opened(front_door, secure=True)
        assert await is_served(peer)
    with contextlib.suppress(ConnectionError):  # it was aborted
        assert await reader.read() == b""
    writer.close()
    await closed(peer)
