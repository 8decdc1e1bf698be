"""Phones register at our registrar, in their own network and in another one, take calls and unregister."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from fake_daily_server.sandbox.registrations_panel import registrations_panel
from fake_daily_server.server import FakeDaily
from simulator.errors import ConfigurationError, HostNotAllowed, RegistrationFailed
from simulator.network import Network
from simulator.registrar import ExpiryLimits, Registrar

PASSWORD = "correct-horse-1"
ANN = "+12065550142"
both_transports = pytest.mark.parametrize("transport", ["", ";transport=tcp"])


class Pbx:
    """A network whose front door registers `bench` and `other`."""

    def __init__(self, network: Network) -> None:
        self.network = network
        expiry = ExpiryLimits(1, 300)
        passwords = {"bench": PASSWORD, "other": PASSWORD}
        self.registrar = Registrar(network.address, passwords.get, hosts=network.own_hosts, expiry=expiry)
        network.front_door.clients.serve(self.registrar, now=time.time, is_open=lambda: True)

    def register(self, user: str = "bench", transport: str = "", **fields: object) -> dict[str, object]:
        """What a phone has as `register`."""
        registrar = f"sip:{self.network.address}{transport}"
        return {"registrar": registrar, "username": user, "password": PASSWORD, **fields}

    def uri(self, user: str) -> str:
        return f"sip:{user}@{self.network.address}"

    @property
    def records(self) -> list[str]:
        """The actions of its registrar; one that a retransmission repeats at once counts once."""
        records = [one.fields for one in self.network.timeline.records() if one.kind == "registrar"]
        return [action for action, _ in dict.fromkeys((str(one["action"]), one["sip_call_id"]) for one in records)]

    @property
    def refreshes(self) -> int:
        """How often a client has registered."""
        records = (one.fields for one in self.network.timeline.records() if one.kind == "registrar")
        return sum(one["action"] == "registers" for one in records)

    async def wait_for_refreshes(self, count: int) -> None:
        """Wait until a client has registered so often."""
        enough = await self.network.timeline.until(lambda: self.refreshes >= count or None, within=10)
        assert enough, self.records


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with Network(sip_timers="fast") as network:
        yield Pbx(network)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    async with Network(sip_timers="fast") as network:
        yield network


@both_transports
async def test_a_phone_registers_takes_a_call_and_unregisters(network: Network, pbx: Pbx, transport: str) -> None:
    phone = await network.phone(ANN, register=pbx.register(transport=transport))
    caller = await pbx.network.phone()
    call = await caller.dial(pbx.uri("bench"))
    taken = await phone.wait_for_call()
    await taken.wait_answered()
    await call.wait_answered()
    await taken.press("1")
    await call.wait_for_digits("1")
    await call.hang_up()
    await taken.wait_for_end()
    await phone.close()
    assert pbx.records == ["registers", "unregisters"]


async def test_a_registered_phone_proves_its_password_when_it_calls(network: Network, pbx: Pbx) -> None:
    phone = await network.phone(register=pbx.register())
    other = await network.phone(register=pbx.register("other"))
    assert phone.registered_as == pbx.uri("bench")
    call = await phone.dial(pbx.uri("other"))
    taken = await other.wait_for_call()
    await taken.wait_answered()
    await call.wait_answered()
    assert taken.remote.startswith("sip:bench@127.0.0.1")
    await call.press("5")
    await taken.wait_for_digits("5")
    await taken.hang_up()
    await call.wait_for_end()


async def test_the_next_phone_of_a_worker_has_no_password(network: Network, pbx: Pbx) -> None:
    first = await network.phone(register=pbx.register())
    pid = first.worker_pid
    await first.close()
    phones = [await network.phone() for _ in range(3)]
    heir = next(phone for phone in phones if phone.worker_pid == pid)
    heir.registered_as = pbx.uri("bench")
    call = await heir.dial(pbx.uri("other"))
    assert (await call.wait_for_end()).status == 407


async def test_a_phone_registers_at_its_own_network(fake_daily: FakeDaily) -> None:
    fake_daily.site.domain.sip_clients.create("bench", PASSWORD)
    network = fake_daily.network
    phone = await network.phone(register={"username": "bench", "password": PASSWORD})
    caller = await network.phone()
    call = await caller.dial(f"sip:bench@{network.address}")
    taken = await phone.wait_for_call()
    await taken.wait_answered()
    await call.wait_answered()
    await taken.hang_up()
    await call.wait_for_end()


async def test_a_registration_is_refreshed_before_it_expires(network: Network, pbx: Pbx) -> None:
    phone = await network.phone(register=pbx.register(expires=1))
    await pbx.wait_for_refreshes(3)
    assert pbx.records == ["registers"]
    assert len(pbx.registrar.bindings_of("bench", time.time())) == 1
    await phone.close()
    assert pbx.registrar.bindings_of("bench", time.time()) == ()


async def test_a_wrong_password_fails_and_leaves_no_phone(network: Network, pbx: Pbx) -> None:
    given = pbx.register(password="wrong-horse-1")
    with pytest.raises(RegistrationFailed, match="403 Forbidden: it refuses the username or the password") as failed:
        await network.phone(ANN, register=given)
    assert failed.value.status == 403
    assert network.phones == []
    assert pbx.records == ["refused"]
    everything = [str(one.as_dict()) for each in (network, pbx.network) for one in each.timeline.records()]
    assert not [text for text in everything if "horse" in text]


@both_transports
async def test_a_registrar_that_is_not_there_is_named(network: Network, transport: str) -> None:
    register = {"registrar": f"127.0.0.1:9{transport}", "username": "bench", "password": PASSWORD}
    with pytest.raises(RegistrationFailed, match=r"127\.0\.0\.1:9 did not answer|no connection to 127\.0\.0\.1:9"):
        await network.phone(register=register)


async def test_a_registrar_elsewhere_needs_to_be_allowed(network: Network) -> None:
    with pytest.raises(HostNotAllowed, match="outside this machine"):
        await network.phone(register={"registrar": "192.0.2.1", "username": "bench", "password": PASSWORD})
    assert network.phones == []


@pytest.mark.parametrize(
    ("register", "field"),
    [
        ({"password": PASSWORD}, "username"),
        ({"username": "bench"}, "password"),
        ({"username": "a b", "password": PASSWORD}, "username"),
        ({"username": "bench", "password": PASSWORD, "registrar": "sip:user@127.0.0.1"}, "registrar"),
        ({"username": "bench", "password": PASSWORD, "expires": 0}, "expires"),
        ({"username": "bench", "secret": PASSWORD}, "secret"),
        (PASSWORD, "register"),
    ],
)
async def test_a_registration_that_cannot_be_is_named(network: Network, register: object, field: str) -> None:
    with pytest.raises(ConfigurationError) as invalid:
        await network.phone(register=register)  # type: ignore[arg-type]  # some are invalid
    assert field in invalid.value.field
    assert PASSWORD not in str(invalid.value)


async def test_closing_a_network_unregisters_its_phones(pbx: Pbx) -> None:
    async with Network(sip_timers="fast") as network:
        await network.phone(register=pbx.register())
        await network.phone(register=pbx.register("other"))
        assert len([*network.registrations]) == 2
    assert sorted(pbx.records) == ["registers", "registers", "unregisters", "unregisters"]


async def test_a_reset_unregisters_its_phones(network: Network, pbx: Pbx) -> None:
    await network.phone(register=pbx.register())
    await network.reset()
    assert pbx.records == ["registers", "unregisters"]


async def test_registrations_are_listed_without_passwords(fake_daily: FakeDaily, pbx: Pbx) -> None:
    fake_daily.site.domain.sip_clients.create("bench", PASSWORD)
    async with httpx.AsyncClient(base_url=fake_daily.url, trust_env=False) as http:
        none = (await http.get("/_sim/registrations")).json()
        here = {"username": "bench", "password": PASSWORD}
        made = await http.post("/_sim/phones", json={"name": "Ann", "register": here})
        assert made.status_code == 200, made.text
        there = pbx.register("other", password="wrong-horse-1")
        refused = await http.post("/_sim/phones", json={"register": there})
        answers = [await http.get(f"/_sim/{path}") for path in ("registrations", "phones", "timeline", "report")]
        await http.delete(f"/_sim/phones/{made.json()['id']}")
        gone = (await http.get("/_sim/registrations")).json()
    assert none == gone == {"clients": [], "phones": []}
    assert refused.status_code == 400
    assert "403 Forbidden" in refused.json()["info"]
    assert not [text for text in (made.text, refused.text, *(one.text for one in answers)) if "horse" in text]
    listed = answers[0].json()
    address = f"sip:bench@{fake_daily.network.address}"
    (client,), (phone,) = listed["clients"], listed["phones"]
    assert (client["client"], client["address"], client["transport"]) == ("bench", address, "UDP")
    assert 3500 < client["expires_in_s"] <= 3600
    assert (phone["phone"], phone["address"], phone["state"]) == ("Ann", address, "registered")
    panel = registrations_panel(listed)
    assert "phone Ann" in panel
    assert f"from {client['peer']} (UDP)" in panel
