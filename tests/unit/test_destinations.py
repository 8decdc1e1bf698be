"""Where packets may go: what is allowed, how names become addresses, and what a refusal leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from simulator.destinations import HELD, Destinations
from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress
from simulator.own_addresses import is_own_address
from simulator.sip_bytes import destination_of as destination_of_bytes
from simulator.timeline import Timeline
from simulator.useragent.sip_text import destination_of


def policy(*allow_hosts: str, own: tuple[str, ...] = (), timeline: Timeline | None = None) -> Destinations:
    return Destinations(allow_hosts, is_own=lambda address: address in own, timeline=timeline)


@pytest.mark.parametrize(
    "host",
    [
        "pbx",
        "pbx.example",
        "pbx.example.",
        "PBX_1.test",
        "10.0.0.5",
        "::1",
        "[2001:db8::1]",
        "2001:db8::1",
        "xn--bcher-kva",
    ],
)
def test_a_name_or_an_address_can_be_allowed(host: str) -> None:
    assert policy(host).is_allowed(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", "a b", "pbx:5060", "10.0.0.5:5060", "[::1]:5060", "http://pbx", "sip:pbx", "bob@pbx", "pbx/"),
        *("10.0.0.0/8", "*", "*.example", "-pbx", ".", "pbx..example", "pbx,sbc", "a\n", "bücher"),
    ],
)
def test_what_is_no_host_cannot_be_allowed(host: str) -> None:
    allowed = "allowed: a host name or an IP address, without scheme, port and path"
    with pytest.raises(ConfigurationError) as refused:
        policy("pbx.example", host)
    assert str(refused.value) == f"allow_hosts: {host!r} is not usable; {allowed}"


def test_one_text_is_no_list_of_hosts() -> None:
    with pytest.raises(ConfigurationError, match="allowed: a list of hosts"):
        Destinations("pbx.example")


def answering(answers: Mapping[str, tuple[str, ...]], asked: list[str]) -> Callable[[str], Awaitable[tuple[str, ...]]]:
    async def look_up(name: str) -> tuple[str, ...]:
        asked.append(name)
        await asyncio.sleep(0)
        if name not in answers:
            raise OSError("Name or service not known")
        return answers[name]

    return look_up


# --- what is allowed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.8.0.1", "127.8.0.1"),
        ("localhost", "127.0.0.1"),
        ("LocalHost.", "127.0.0.1"),
        ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ("198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "10.0.0.5"),
    ],
)
def test_this_machine_and_allowed_addresses_are_sent_to(host: str, address: str) -> None:
    destinations = policy("10.0.0.5", own=("198.51.100.1",))
    assert destinations.address_of(host) == address
    assert destinations.refusal(host) is None
    assert destinations.is_allowed(host)


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.66",
        "[2001:db8::66]",
        "::ffff:192.0.2.66",
        "host.example",
        "localhost.example",
        "127.0.0.1.example",
        "",
        "[]",
        "0.0.0.0",
        "::",
        "255.255.255.255",
        "224.0.0.251",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1 ",
        "fe80::1%eth0",
        "10.0.0.50",
        "x" * 500,
    ],
)
def test_everything_else_is_refused_with_the_host_in_the_reason(host: str) -> None:
    destinations = policy("10.0.0.5")
    assert destinations.address_of(host) is None
    assert not destinations.is_allowed(host)
    because = destinations.refusal(host)
    assert because is not None
    assert because.endswith("is not on this machine and not in allow_hosts")
    assert host in because


def test_sip_and_rtp_need_an_ipv4_address() -> None:
    destinations = policy()
    assert destinations.addresses_of("[::1]") == ("::1",)
    assert destinations.is_this_machine("::1")
    assert destinations.refusal("[::1]") == "[::1] has no IPv4 address"


@pytest.mark.parametrize("here", ["127.0.0.1", "127.9.9.9"])
def test_the_kernel_knows_which_addresses_are_own(here: str) -> None:
    assert is_own_address("127.0.0.1")
    assert not any(map(is_own_address, ("192.0.2.66", "0.0.0.0", "255.255.255.255", "224.0.0.251", "2001:db8::66")))
    assert Destinations().is_this_machine(here)


# --- names ----------------------------------------------------------------------------------------------------


async def test_an_allowed_name_is_looked_up_once_in_a_run() -> None:
    asked: list[str] = []
    destinations = Destinations(
        ["PBX.example."], look_up=answering({"pbx.example": ("192.0.2.5", "192.0.2.6", "2001:db8::5")}, asked)
    )
    learned: list[tuple[str, tuple[str, ...]]] = []
    destinations.on_learned = lambda name, addresses: learned.append((name, addresses))
    assert destinations.is_allowed("pbx.example")
    assert destinations.refusal("pbx.example") == (
        "pbx.example is allowed, but has no address: it was not looked up yet"
    )
    found = await asyncio.gather(*(destinations.resolve(name) for name in ("pbx.example", "Pbx.Example.")))
    assert found == [("192.0.2.5", "192.0.2.6", "2001:db8::5")] * 2
    assert await destinations.resolve("pbx.example") == found[0]
    assert asked == ["pbx.example"]
    assert learned == [("pbx.example", found[0])]
    assert destinations.address_of("pbx.example") == "192.0.2.5"
    assert destinations.address_of("192.0.2.6") == "192.0.2.6"  # where its messages may come from
    assert destinations.address_of("192.0.2.7") is None


async def test_a_name_that_is_not_allowed_is_never_looked_up() -> None:
    asked: list[str] = []
    destinations = Destinations(["pbx.example"], look_up=answering({}, asked))
    for host in ("host.example", "192.0.2.66", "127.1"):
        with pytest.raises(OSError, match="not in allow_hosts"):
            await destinations.resolve(host)
    assert await destinations.resolve("localhost") == ("127.0.0.1",)
    assert asked == []


async def test_a_name_without_an_address_is_refused_with_the_cause_and_asked_again() -> None:
    asked: list[str] = []
    answers: dict[str, tuple[str, ...]] = {}
    destinations = Destinations(["pbx.example"], look_up=answering(answers, asked))
    with pytest.raises(OSError, match=r"pbx\.example is allowed, but has no address: Name or service not known"):
        await destinations.resolve("pbx.example")
    answers["pbx.example"] = ("192.0.2.5",)
    assert await destinations.resolve("pbx.example") == ("192.0.2.5",)


async def test_names_are_looked_up_in_advance() -> None:
    asked: list[str] = []
    destinations = Destinations(["pbx.example", "10.0.0.5"], look_up=answering({"pbx.example": ("192.0.2.5",)}, asked))
    destinations.look_up_names()
    await destinations.resolve("pbx.example")
    assert asked == ["pbx.example"]
    destinations.close()


def test_addresses_of_names_that_are_not_allowed_are_not_learned() -> None:
    destinations = policy("pbx.example")
    destinations.learn("host.example", ("192.0.2.66",))
    assert destinations.known_names == {}
    destinations.learn("pbx.example", ("192.0.2.5",))
    assert destinations.address_of("pbx.example") == "192.0.2.5"


# --- records --------------------------------------------------------------------------------------------------


def test_a_refusal_is_recorded_once_for_each_exit_and_host_and_then_counted() -> None:
    timeline = Timeline()
    destinations = policy(timeline=timeline)
    for port in range(5000, 5150):
        assert destinations.admit("relay", "192.0.2.66", port, sip_call_id="a@b") is None
    assert destinations.admit("video", "192.0.2.66", 7000) is None
    assert destinations.admit("relay", "127.0.0.1", 7000) == "127.0.0.1"
    recorded = [dict(record.fields) for record in timeline.records(kind="destination")]
    assert [(fields["exit"], fields["count"]) for fields in recorded] == [
        ("relay", 1),
        ("relay", 10),
        ("relay", 100),
        ("video", 1),
    ]
    assert recorded[0] == {
        "exit": "relay",
        "host": "192.0.2.66",
        "port": 5000,
        "because": "192.0.2.66 is not on this machine and not in allow_hosts",
        "count": 1,
        "sip_call_id": "a@b",
    }


def test_a_held_call_is_no_refusal() -> None:
    timeline = Timeline()
    destinations = policy(timeline=timeline)
    assert destinations.admit("relay", HELD, 4000) is None
    assert destinations.admit("video", HELD, 4000) is None
    assert list(timeline.records()) == []
    assert destinations.admit("front door", HELD, 5060) is None
    assert len(list(timeline.records())) == 1


def test_a_flood_of_different_hosts_makes_few_records() -> None:
    timeline = Timeline()
    destinations = policy(timeline=timeline)
    for number in range(20_000):
        destinations.admit("front door", f"host{number}.example")
    assert len(list(timeline.records())) < 510
    destinations.forget_refusals()
    destinations.admit("front door", "host19999.example")
    assert dict(list(timeline.records())[-1].fields)["count"] == 1


# --- hosts of URIs --------------------------------------------------------------------------------------------

URIS = [
    ("sip:a@127.0.0.1:5060", "127.0.0.1"),
    ("sip:127.8.0.1", "127.8.0.1"),
    ("SIP:a@localhost;lr", "localhost"),
    ("sip:a@[::1]:5060;transport=tcp", "[::1]"),
    ("sip:127.0.0.1@example.com", "example.com"),
    ("sip:localhost.example.com", "localhost.example.com"),
    ("sip:a@127.0.0.1;maddr=192.0.2.66", "192.0.2.66"),
    ("sip:a@127.0.0.1:5070;lr;MADDR=host.example;x=y", "host.example"),
    ("sip:a;maddr=192.0.2.66@127.0.0.1", "127.0.0.1"),
    ("sip:a@192.0.2.66;maddr=127.0.0.1", "127.0.0.1"),
    ("sip:a@127.0.0.1?Subject=;maddr=192.0.2.66", "127.0.0.1"),
]


@pytest.mark.parametrize(("uri", "host"), URIS)
def test_a_request_goes_to_maddr_or_else_to_the_host(uri: str, host: str) -> None:
    assert destination_of(uri) == host
    found = destination_of_bytes(uri.encode())
    assert found is not None
    assert found[0].decode() == host


@pytest.mark.parametrize(("uri", "host"), URIS[:-1])
def test_dialled_uris_are_read_in_the_same_way(uri: str, host: str) -> None:
    assert SipAddress.parse(uri).destination.lower() == host


def test_what_is_no_sip_uri_has_no_allowed_host() -> None:
    assert all(policy().address_of(destination_of(uri)) is None for uri in ("tel:+1206", "", "sip:", "sip:a@"))
