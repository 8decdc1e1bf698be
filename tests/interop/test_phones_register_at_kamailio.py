"""Our phones register at Debian's Kamailio with a digest, and call each other through it."""

from __future__ import annotations

import pytest

from fake_daily_server.server import FakeDaily
from simulator.errors import RegistrationFailed
from tests.interop.kamailio import PASSWORD, REGISTERED, SECRET, Kamailio

pytestmark = pytest.mark.interop("kamailio")
both_transports = pytest.mark.parametrize("transport", ["udp", "tcp"])

ANN, BEN = f"{REGISTERED}{SECRET}ann", f"{REGISTERED}{SECRET}ben"


def account(kamailio: Kamailio, user: str, transport: str = "udp", **fields: object) -> dict[str, object]:
    registrar = f"sip:127.0.0.1:{kamailio.port};transport={transport}"
    return {"registrar": registrar, "username": user, "password": PASSWORD, **fields}


@both_transports
async def test_two_phones_call_each_other_through_kamailio(
    kamailio: Kamailio, fake_daily: FakeDaily, transport: str
) -> None:
    network = fake_daily.network
    ann = await network.phone(name="Ann", register=account(kamailio, ANN, transport))
    ben = await network.phone(name="Ben", register=account(kamailio, BEN, transport))
    call = await ann.dial(kamailio.uri(BEN, transport))
    taken = await ben.wait_for_call()
    await taken.wait_answered()
    await call.wait_answered()
    await call.press("12")
    await taken.wait_for_digits("12")
    await taken.press("3")
    await call.wait_for_digits("3")
    await taken.hang_up()
    await call.wait_for_end()
    assert kamailio.routed == ["ACK", "BYE"]
    await ben.close()
    again = await ann.dial(kamailio.uri(BEN, transport))
    assert (await again.wait_for_end()).status == 404


async def test_a_wrong_password_is_refused_and_named(kamailio: Kamailio, fake_daily: FakeDaily) -> None:
    with pytest.raises(RegistrationFailed, match="401 Unauthorized: the username or the password is wrong"):
        await fake_daily.network.phone(register=account(kamailio, ANN, password="wrong-horse-1"))
    assert fake_daily.network.phones == []
