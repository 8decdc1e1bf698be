"""The requests to the customer's server of a SIP trunk: bodies, signatures, pauses; and the hosts of trunks."""

from __future__ import annotations

import base64
import itertools

import pytest

from fake_daily_server.telephony.trunks.bodies import incoming_body, probe_body
from fake_daily_server.telephony.trunks.customer_posts import SIGNATURE, TIMESTAMP, pauses_s, signed_headers
from fake_daily_server.values.sip_trunk import SipTrunk, TrunkConfig, TrunkHosts

HMAC = base64.b64encode(bytes(range(32))).decode()
MOMENT_MS = 1795910400123
INCOMING = (
    b'{"type":"sip_trunk.incoming","room":{"name":"trunk-7f3a","url":"https://acme.daily.co/trunk-7f3a"},'
    b'"trunk":{"id":"3b9f","trunk_name":"support","description":"level 1"}}'
)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b'{"type":"sip_trunk.test"}', "8hQHm1n76MGor17PXL5Jzt/9/up8dNnGtD8hsh14t6g="),
        (INCOMING, "5VIwlW5xYE27m4E0MyeZXGgRKMvAM6qh9DA7bc+2cgw="),
    ],
)
def test_signatures_that_were_computed_elsewhere(body: bytes, signature: str) -> None:
    headers = signed_headers(HMAC, MOMENT_MS, body)
    assert (headers[TIMESTAMP], headers[SIGNATURE]) == ("1795910400123", signature)


def test_the_bodies_are_compact_and_begin_with_their_type() -> None:
    trunk = SipTrunk("3b9f", "support", {}, "https://bot.test/in", HMAC, TrunkConfig(is_open=True), "level 1")
    body = incoming_body(
        trunk,
        room="trunk-7f3a",
        room_url="https://acme.daily.co/trunk-7f3a",
        caller="+15550001",
        called="+15550002",
        sip_call_id="abc",
        sip_headers={"X-Tenant": "Zürich"},
    )
    call = '"call":{"From":"+15550001","To":"+15550002","callId":"abc","sipHeaders":{"X-Tenant":"Zürich"}}'
    assert body == INCOMING[:-1] + f",{call}}}".encode()
    assert probe_body() == b'{"type":"sip_trunk.test"}'


def test_each_pause_is_twice_the_one_before() -> None:
    assert list(itertools.islice(pauses_s(), 5)) == [0.5, 1, 2, 4, 8]


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("127.0.0.1:5060", "sip:acme-support.siptrunk.localhost:5060"),
        ("192.0.2.1:5070", "sip:acme-support.siptrunk.localhost:5070"),
        ("daily:5060", "sip:acme-support.siptrunk.daily:5060"),
    ],
)
def test_the_address_of_a_trunk(address: str, uri: str) -> None:
    assert TrunkHosts("acme", address).sip_uri("support") == uri


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("acme-support.siptrunk.localhost", "support"),
        ("Acme-Support.SipTrunk.sip-us.daily.co", "support"),
        ("acme-support.siptrunk.127.0.0.1", "support"),
        ("other-support.siptrunk.localhost", ""),
        ("acme.siptrunk.localhost", ""),
        ("acme-support.localhost", None),
        ("a.acme-support.siptrunk.localhost", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_which_trunk_a_host_is_of(host: str, name: str | None) -> None:
    assert TrunkHosts("ACME", "127.0.0.1:5060").name_of(host) == name


@pytest.mark.parametrize(
    ("allowed", "host", "admitted"),
    [
        (None, "192.0.2.7", True),
        (("192.0.2.7",), "192.0.2.7", True),
        (("192.0.2.7",), "192.0.2.8", False),
        (("203.0.113.0/24", "192.0.2.7"), "203.0.113.255", True),
        (("203.0.113.0/24",), "203.0.114.0", False),
    ],
)
def test_which_addresses_are_admitted(allowed: tuple[str, ...] | None, host: str, admitted: bool) -> None:
    config = TrunkConfig(is_open=allowed is None, allowed_ips=allowed)
    assert SipTrunk("1", "support", {}, "https://bot.test", HMAC, config).admits_address(host) is admitted
