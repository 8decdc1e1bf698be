"""SIP over TLS at the front door: a client registers, is called and calls over its own connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError
from simulator.front_door.tls import make_certificate
from simulator.network import Network
from simulator.sip_tls import SipTls
from simulator.timeline import Record
from simulator.useragent.sip_text import SipMessage
from tests.integration.sip_clients.raw_client import RawClient

PASSWORD = "correct-horse-1"
ANN = "+12065550142"


@pytest.fixture
async def tls_daily() -> AsyncIterator[FakeDaily]:
    async with FakeDaily(Settings(port=0, sip_port=0, sip_tls_port=0, sip_timers="fast")) as daily:
        for username in ("bench", "other.1"):
            daily.site.domain.sip_clients.create(username, PASSWORD)
        yield daily


def tls_address(daily: FakeDaily) -> str:
    address = daily.network.front_door.tls.address
    assert address is not None
    return address


def client(daily: FakeDaily, user: str = "bench") -> RawClient:
    return RawClient(tls_address(daily), user, PASSWORD, transport="tls", authority=daily.sip_tls_certificate)


def status(message: SipMessage) -> int:
    return int(message.start.split()[1])


async def test_a_client_over_tls_is_called_on_its_own_connection(tls_daily: FakeDaily) -> None:
    async with client(tls_daily) as agent:
        assert status(await agent.register()) == 200
        ann = await tls_daily.network.phone(ANN)
        call = await ann.dial(f"sip:bench@{tls_daily.network.address}")
        invite = await agent.answer()
        assert invite.start == f"INVITE {agent.contact} SIP/2.0"
        assert (invite.header("Via") or "").startswith(f"SIP/2.0/TLS {tls_address(tls_daily)};")
        await call.wait_answered()
        await call.hang_up()
        agent.respond(await agent.receive("BYE"), "200 OK")
        await call.wait_for_end()
    (record,) = (one.fields for one in tls_daily.timeline.records() if one.kind == "registrar")
    assert record["transport"] == "TLS"


@pytest.mark.parametrize("scheme", ["sip", "sips"])
async def test_a_client_over_tls_calls_a_phone_which_hangs_up(tls_daily: FakeDaily, scheme: str) -> None:
    ann = await tls_daily.network.phone(ANN)
    async with client(tls_daily) as agent:
        final = await agent.call(f"{scheme}:{ANN}@{tls_address(tls_daily)};transport=tls")
        assert status(final) == 200
        routes = [value for name, value in final.headers if name == "Record-Route"]
        assert f"<sip:{tls_address(tls_daily)};transport=tls;lr>" in ", ".join(routes)
        call = await ann.wait_for_call()
        await call.wait_answered()
        await call.hang_up()
        agent.respond(await agent.receive("BYE"), "200 OK")
        await call.wait_for_end()


async def test_a_client_over_tls_calls_a_phone_without_number_and_a_room(tls_daily: FakeDaily) -> None:
    phone = await tls_daily.network.phone()
    room = await tls_daily.create_room("demo", sip={"sip_mode": "dial-in", "num_endpoints": 1, "display_name": "d"})
    bot = await tls_daily.join(room)
    async with client(tls_daily) as agent:
        final = await agent.call(f"sip:{phone.id}@{tls_address(tls_daily)};transport=tls")
        assert status(final) == 200
        agent.within(final, "BYE")
        assert status(await agent.receive("SIP/2.0")) == 200
        final = await agent.call(f"sips:demo.0@{tls_address(tls_daily)}")
        assert status(final) == 200
        await bot.wait_for("dialin-connected")
        agent.within(final, "BYE")
        assert status(await agent.receive("SIP/2.0")) == 200
        await bot.wait_for("dialin-stopped")


async def test_two_clients_over_tls_call_each_other(tls_daily: FakeDaily) -> None:
    async with client(tls_daily) as caller, client(tls_daily, "other.1") as callee:
        await callee.register()
        calling = asyncio.create_task(caller.call(f"sip:other.1@{tls_address(tls_daily)};transport=tls"))
        await callee.answer()
        final = await calling
        assert status(final) == 200
        caller.within(final, "BYE")
        callee.respond(await callee.receive("BYE"), "200 OK")
        assert status(await caller.receive("SIP/2.0 200")) == 200


async def test_a_connection_that_is_closed_ends_the_registration(tls_daily: FakeDaily) -> None:
    async with client(tls_daily) as agent:
        await agent.register()
    clients = tls_daily.network.front_door.clients
    await tls_daily.timeline.until(lambda: not clients.registered or None, within=5)
    ann = await tls_daily.network.phone(ANN)
    call = await ann.dial(f"sip:bench@{tls_daily.network.address}")
    assert (await call.wait_for_end()).status == 480


async def test_what_belongs_to_a_closed_tls_connection_is_sent_nowhere_else(tls_daily: FakeDaily) -> None:
    ann = await tls_daily.network.phone(ANN)
    async with client(tls_daily) as agent:
        assert status(await agent.call(f"sip:{ANN}@{tls_address(tls_daily)};transport=tls")) == 200
        call = await ann.wait_for_call()
        await call.wait_answered()
    clients = tls_daily.network.front_door._connections  # the server's side of the closed connection
    await tls_daily.timeline.until(lambda: not [*clients] or None, within=5)
    await call.hang_up()
    await call.wait_for_end()

    def unreachable(record: Record) -> bool:
        return record.kind == "sip" and "TLS peer not reachable" in str(record.as_dict())

    assert await tls_daily.timeline.wait(unreachable, within=5)


async def test_a_certificate_that_is_made_is_verified_and_removed(tls_daily: FakeDaily) -> None:
    certificate = tls_daily.sip_tls_certificate
    assert certificate is not None
    assert (certificate.parent / "key.pem").stat().st_mode & 0o077 == 0
    assert tls_daily.sip_tls == f"sip:{tls_address(tls_daily)};transport=tls"
    await tls_daily.__aexit__(None, None, None)
    assert not certificate.exists()


async def test_the_certificate_of_the_user_is_shown(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, {"sip.test"})
    async with Network(tls=SipTls(0, certificate, key)) as network:
        address = network.front_door.tls.address
        assert address is not None
        host, _, port = address.partition(":")
        context = ssl.create_default_context(cafile=certificate)
        _, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname="sip.test")
        writer.close()
        await writer.wait_closed()
    assert certificate.exists()


async def test_without_the_setting_there_is_no_tls(fake_daily: FakeDaily) -> None:
    assert fake_daily.sip_tls is None
    assert fake_daily.sip_tls_certificate is None


async def test_bytes_that_are_no_handshake_end_the_connection_only(tls_daily: FakeDaily) -> None:
    host, _, port = tls_address(tls_daily).partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"REGISTER sip:127.0.0.1 SIP/2.0\r\n\r\n")
    assert not (await reader.read()).startswith(b"SIP/2.0")
    writer.close()
    async with client(tls_daily) as agent:
        assert status(await agent.register()) == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"sip_tls_port": 0, "sip_tls_key": "key.pem"}, "sip_tls_certificate"),
        ({"sip_tls_port": 0, "sip_tls_certificate": "certificate.pem"}, "sip_tls_key"),
        ({"sip_tls_certificate": "certificate.pem", "sip_tls_key": "key.pem"}, "sip_tls_port"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Settings.model_validate(given)


async def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_text("no certificate")
    key.write_text("no key")
    with pytest.raises(ConfigurationError, match="sip_tls_certificate"):
        async with Network(tls=SipTls(0, certificate, key)):
            pass
