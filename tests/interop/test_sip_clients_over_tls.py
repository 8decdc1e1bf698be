"""baresip, baresip-python and linphonec register over TLS, are called and call; Debian's SIPp has no TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.front_door.tls import make_certificate
from tests.interop import baresip, baresip_python
from tests.interop.linphone import LOG, Linphone
from tests.interop.program import Programs, free_ports, poll

ANN = "+12065550142"
PASSWORD = "correct-horse-1"


@pytest.fixture
async def daily() -> AsyncIterator[FakeDaily]:
    async with FakeDaily(Settings(port=0, sip_port=0, sip_tls_port=0, sip_timers="fast")) as daily:
        daily.site.domain.sip_clients.create("bench", PASSWORD)
        yield daily


def tls_address(daily: FakeDaily) -> str:
    assert daily.sip_tls is not None
    return daily.sip_tls.removeprefix("sip:").partition(";")[0]


def registered(daily: FakeDaily) -> list[str]:
    """What the records say of registrations: `registers TLS`."""
    records = (one.fields for one in daily.timeline.records() if one.kind == "registrar")
    return [f"{fields['action']} {fields['transport']}" for fields in records]


async def wait_registered(daily: FakeDaily) -> None:
    await poll(lambda: daily.network.front_door.clients.registered or None, "a client registers", within=5)


async def verifying_linphone(programs: Programs, authority: Path) -> Linphone:
    """A linphonec that verifies certificates by this file."""
    verifies: dict[str, int | str] = {"root_ca": str(authority), "verify_server_certs": 1, "verify_server_cn": 1}
    return await Linphone.start(programs, sip_tls_port=free_ports(), **verifies)


@pytest.mark.interop("baresip")
async def test_baresip_registers_is_called_and_calls(programs: Programs, daily: FakeDaily) -> None:
    ann = await daily.network.phone(ANN, calls="answer")
    client = (f"sip:bench@{tls_address(daily)}", PASSWORD)
    async with baresip.running(programs, transport="tls", client=client) as peer:
        await wait_registered(daily)
        call = await ann.dial(f"sip:bench@{daily.network.address}")
        await call.wait_answered()
        await call.press("12")
        await peer.wait_for_digits("12")
        await call.hang_up()
        await peer.wait_for_event("CALL_CLOSED")
        peer.events.clear()
        await peer.dial(f"sip:{ANN}@{tls_address(daily)};transport=tls")
        taken = await ann.wait_for_call()
        await taken.wait_answered()
        await peer.wait_for_event("CALL_ESTABLISHED")
        await taken.hang_up()
        await peer.wait_for_event("CALL_CLOSED")
    assert registered(daily)[0] == "registers TLS"
    assert registered(daily)[-1] == "unregisters TLS"


async def test_baresip_python_registers_is_called_and_calls(daily: FakeDaily) -> None:
    ann = await daily.network.phone(ANN)
    client = (f"sip:bench@{tls_address(daily)}", PASSWORD)
    async with baresip_python.running(transport="tls", client=client) as peer:
        await peer.register()
        call = await ann.dial(f"sip:bench@{daily.network.address}")
        taken = await peer.wait_for_call()
        await call.wait_answered()
        await taken.hang_up()
        assert (await call.wait_for_end()).by == "remote"
        dialled = await peer.dial(f"sip:{ANN}@{tls_address(daily)};transport=tls")
        received = await ann.wait_for_call()
        await received.wait_answered()
        await dialled.hang_up()
        assert (await received.wait_for_end()).by == "remote"
    assert registered(daily)[:1] == ["registers TLS"]


@pytest.mark.interop("linphonec")
async def test_linphone_verifies_registers_is_called_and_calls(programs: Programs, daily: FakeDaily) -> None:
    assert daily.sip_tls_certificate is not None
    linphone = await verifying_linphone(programs, daily.sip_tls_certificate)
    address = tls_address(daily)
    linphone.command(f"register sip:bench@{address} <sip:{address};transport=tls> {PASSWORD}")
    await wait_registered(daily)
    ann = await daily.network.phone(ANN)
    call = await ann.dial(f"sip:bench@{daily.network.address}")
    await call.wait_answered()
    await call.hang_up()
    await linphone.wait_ended()
    linphone.begin()
    await linphone.dial(f"sip:{ANN}@{address};transport=tls")
    taken = await ann.wait_for_call()
    await taken.wait_answered()
    await linphone.hang_up()
    await taken.wait_for_end()
    assert registered(daily)[0] == "registers TLS"


@pytest.mark.interop("linphonec")
async def test_linphone_that_trusts_another_certificate_does_not_register(
    programs: Programs, daily: FakeDaily, tmp_path: Path
) -> None:
    other, _ = make_certificate(tmp_path, {"127.0.0.1"})
    linphone = await verifying_linphone(programs, other)
    address = tls_address(daily)
    linphone.command(f"register sip:bench@{address} <sip:{address};transport=tls> {PASSWORD}")
    await linphone.program.wait_for_output("Certificate verification failed", file=LOG)
    assert registered(daily) == []
