"""SIPp, baresip, baresip-python and linphonec register as SIP clients, are called and call."""

from __future__ import annotations

from typing import Literal

import httpx
import pytest
from baresip.errors import RegistrationError

from fake_daily_server.server import FakeDaily
from tests.interop import baresip, baresip_python, sipp
from tests.interop.linphone import Linphone
from tests.interop.program import Programs, poll

ANN = "+12065550142"
PASSWORD = "correct-horse-1"

Client = tuple[str, str]
both_transports = pytest.mark.parametrize("transport", ["udp", "tcp"])


@pytest.fixture
async def sip_client(fake_daily: FakeDaily) -> Client:
    """The address and the password of a SIP client."""
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        made = (await api.post("/sip-clients", json={"username": "bench", "password": PASSWORD})).json()
    return made["sip_uri"], made["password"]


def registered(daily: FakeDaily) -> list[str]:
    """What the records say of registrations: `registers UDP`."""
    records = (one.fields for one in daily.timeline.records() if one.kind == "registrar")
    return [f"{fields['action']} {fields['transport']}" for fields in records]


async def wait_for_record(daily: FakeDaily) -> None:
    """Wait for the first record of a registration."""
    await poll(lambda: registered(daily) or None, "a client registers or is refused", within=5)


@pytest.mark.interop("baresip")
@both_transports
async def test_baresip_registers_is_called_calls_and_unregisters(
    programs: Programs, fake_daily: FakeDaily, sip_client: Client, transport: Literal["udp", "tcp"]
) -> None:
    ann = await fake_daily.network.phone(ANN, calls="answer")
    async with baresip.running(programs, transport=transport, client=sip_client) as peer:
        await wait_for_record(fake_daily)
        call = await ann.dial(sip_client[0])
        await call.wait_answered()
        await call.press("12")
        await peer.wait_for_digits("12")
        await call.hang_up()
        await peer.wait_for_event("CALL_CLOSED")
        peer.events.clear()
        await peer.dial(f"sip:{ANN}@{fake_daily.network.address}")
        taken = await ann.wait_for_call()
        await taken.wait_answered()
        await peer.wait_for_event("CALL_ESTABLISHED")
        await taken.hang_up()
        await peer.wait_for_event("CALL_CLOSED")
    assert registered(fake_daily)[0] == f"registers {transport.upper()}"
    assert registered(fake_daily)[-1] == f"unregisters {transport.upper()}"


@pytest.mark.interop("baresip")
async def test_baresip_with_a_wrong_password_is_refused(
    programs: Programs, fake_daily: FakeDaily, sip_client: Client
) -> None:
    async with baresip.running(programs, client=(sip_client[0], "wrong-horse-1")) as peer:
        await peer.program.wait_for_output("403 Forbidden")
    assert registered(fake_daily)[0] == "refused UDP"


@pytest.mark.interop("sipp")
async def test_sipp_registers_and_is_called_by_a_room(
    programs: Programs, fake_daily: FakeDaily, sip_client: Client
) -> None:
    registering = await sipp.as_client(programs, sip_client, "uac_registers", "bench")
    await registering.wait_for_success()
    callee = await sipp.listen(programs, port=registering.port)
    bot = await fake_daily.join(await fake_daily.create_room(enable_dialout=True))
    session = await bot.start_dialout({"sipUri": sip_client[0], "codecs": {"audio": ["PCMU"]}})
    await bot.wait_for("dialout-answered")
    await bot.stop_dialout(session)
    await callee.wait_for_answered_bye()
    assert callee.invite.start_line == f"INVITE sip:bench@127.0.0.1:{callee.port};transport=UDP SIP/2.0"


@pytest.mark.interop("sipp")
@both_transports
async def test_sipp_calls_a_phone_with_the_password_of_the_client(
    programs: Programs, fake_daily: FakeDaily, sip_client: Client, transport: Literal["udp", "tcp"]
) -> None:
    ann = await fake_daily.network.phone(ANN, calls="answer")
    caller = await sipp.as_client(programs, sip_client, "uac_proves_password", ANN, transport=transport)
    await (await ann.wait_for_call()).wait_for_end()
    await caller.wait_for_success()


@both_transports
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_baresip_python_registers_with_either_digest_and_is_called(
    fake_daily: FakeDaily, transport: Literal["udp", "tcp"], algorithm: Literal["MD5", "SHA-256"]
) -> None:
    await fake_daily.reset(sip_client_algorithms=(algorithm,))
    made = fake_daily.site.domain.sip_clients.create("bench.1", PASSWORD)
    uri = f"sip:{made.username}@{fake_daily.network.address}"
    async with baresip_python.running(transport=transport, client=(uri, PASSWORD)) as peer:
        await peer.register()
        ann = await fake_daily.network.phone(ANN)
        call = await ann.dial(uri)
        taken = await peer.wait_for_call()
        await call.wait_answered()
        await taken.hang_up()
        assert (await call.wait_for_end()).by == "remote"
    assert registered(fake_daily)[:1] == [f"registers {transport.upper()}"]


async def test_baresip_python_with_a_wrong_password_is_told_403(fake_daily: FakeDaily, sip_client: Client) -> None:
    async with baresip_python.running(client=(sip_client[0], "wrong-horse-1")) as peer:
        with pytest.raises(RegistrationError) as refused:
            await peer.register()
    assert refused.value.status == 403


@pytest.mark.interop("linphonec")
async def test_linphone_registers_and_is_called(fake_daily: FakeDaily, sip_client: Client, linphone: Linphone) -> None:
    uri, password = sip_client
    linphone.command(f"register {uri} sip:{fake_daily.network.address} {password}")
    await wait_for_record(fake_daily)
    assert registered(fake_daily) == ["registers UDP"]
    ann = await fake_daily.network.phone(ANN)
    call = await ann.dial(uri)
    await call.wait_answered()
    await call.hang_up()
    await linphone.wait_ended()
    linphone.command("unregister")
    await poll(lambda: "unregisters UDP" in registered(fake_daily) or None, "linphone unregisters", within=5)
