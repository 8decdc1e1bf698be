"""Forwarded messages differ from the received ones only in Via, Max-Forwards, Route and Record-Route."""

from __future__ import annotations

import pytest

from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from tests.unit.front_door.proxy_bench import PEER, TCP_PEER, ProxyBench, hop, only, request, response_to, status

OWN_RECORD_ROUTE = b"<sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5060;transport=tcp;lr>"


def test_a_forwarded_invite_has_the_front_doors_via_on_top_and_max_forwards_less_one() -> None:
    bench = ProxyBench()
    message, next_hop = only(bench.send(request()))
    assert next_hop == hop(bench.workers[0])
    own, theirs = message.values(b"via")
    assert own.startswith(b"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-front-door-")
    assert theirs == b"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-1"
    assert message.value(b"max-forwards") == b"69"
    assert message.start == b"INVITE sip:+12065550142@127.0.0.1:5060 SIP/2.0"


def test_max_forwards_is_added_when_absent() -> None:
    message, _ = only(ProxyBench().send(request(max_forwards=None)))
    assert message.values(b"max-forwards") == [b"70"]


@pytest.mark.parametrize(
    "line",
    [
        b"X-Account: 4711",
        b"x-lower: kept",
        b"s: compact subject",
        b"X-Latin: caf\xe9",
        "X-Utf8: Grüße".encode(),
        b'P-Asserted-Identity: "Smith, J <x>" <sip:j@example.com>, <tel:+12065550100>',
        b"X-Spaced :   wide   ",
        b"Supported: 100rel,timer",
        b'Authorization: Digest username="a,b", realm="c;d"',
    ],
)
def test_other_headers_are_forwarded_byte_for_byte(line: bytes) -> None:
    data = request().replace(b"Content-Length", line + b"\r\nContent-Length")
    out = ProxyBench().send(data)
    assert b"\r\n" + line + b"\r\n" in out[0][0]


def test_the_body_is_forwarded_without_stray_bytes_after_it() -> None:
    data = request(body=b"v=0\r\n")
    message, _ = only(ProxyBench().send(data + b"stray bytes"))
    assert message.body == b"v=0\r\n"


def test_folded_lines_are_unfolded() -> None:
    data = request().replace(b"Contact: ", b"Subject: one\r\n\ttwo\r\n  three\r\nContact: ")
    message, _ = only(ProxyBench().send(data))
    assert message.lines(b"subject") == [b"Subject: one two three"]


# --- Via ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("via", "stamped"),
    [
        ("SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKa", "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKa"),
        (
            "SIP/2.0/UDP 127.0.0.1:5980;rport;branch=z9hG4bKa",
            "SIP/2.0/UDP 127.0.0.1:5980;rport=5980;branch=z9hG4bKa;received=127.0.0.1",
        ),
        (
            "SIP/2.0/UDP pc.example.com;branch=z9hG4bKa",
            "SIP/2.0/UDP pc.example.com;branch=z9hG4bKa;received=127.0.0.1",
        ),
        (
            "SIP/2.0/UDP 127.0.0.1;received=10.9.9.9;branch=z9hG4bKa",
            "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa",
        ),
        (
            "SIP / 2.0 / UDP  pc.example.com : 5980 ; branch = z9hG4bKa",
            "SIP / 2.0 / UDP  pc.example.com : 5980;branch=z9hG4bKa;received=127.0.0.1",
        ),
    ],
)
def test_the_received_top_via_gets_received_and_rport(via: str, stamped: str) -> None:
    message, _ = only(ProxyBench().send(request(via=via)))
    assert message.values(b"via")[1] == stamped.encode()


def test_only_the_first_of_several_vias_in_a_line_gets_received() -> None:
    via = "SIP/2.0/UDP one.example.com;branch=z9hG4bKa, SIP/2.0/UDP two.example.com;branch=z9hG4bKb"
    message, _ = only(ProxyBench().send(request(via=via)))
    assert message.values(b"via")[1] == (
        b"SIP/2.0/UDP one.example.com;branch=z9hG4bKa;received=127.0.0.1, SIP/2.0/UDP two.example.com;branch=z9hG4bKb"
    )


@pytest.mark.parametrize(
    ("via", "back_to"),
    [
        ("SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKa", Hop("127.0.0.1", 5999)),
        ("SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa", Hop("127.0.0.1", 5060)),
        ("SIP/2.0/UDP 127.0.0.1:5999;rport;branch=z9hG4bKa", PEER),
        ("SIP/2.0/UDP pc.example.com:5999;branch=z9hG4bKa", Hop("127.0.0.1", 5999)),
        (
            "SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKa, SIP/2.0/UDP up.example.com;branch=z9hG4bKb",
            Hop("127.0.0.1", 5999),
        ),
    ],
)
def test_a_response_loses_the_front_doors_via_and_goes_to_the_next_one(via: str, back_to: Hop) -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via=via))[0][0]
    message, next_hop = only(bench.reply(forwarded, 180))
    assert next_hop == back_to
    assert message.values(b"via") == read(forwarded).values(b"via")[1:]


def test_the_front_doors_via_is_removed_from_a_line_with_several() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    response = response_to(forwarded, 180)
    own, theirs = read(response).values(b"via")
    joined = response.replace(b"Via: " + own + b"\r\nVia: " + theirs, b"v: " + own + b" , " + theirs)
    message, _ = only(bench.send(joined, hop(bench.workers[0])))
    assert message.values(b"via") == [theirs]


# --- branches -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "via",
    [
        "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-x",
        "SIP/2.0/UDP 127.0.0.1:5980;branch=old-style",
        "SIP/2.0/UDP 127.0.0.1:5980",
        "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK",
    ],
)
def test_a_retransmission_and_a_cancel_and_the_ack_of_a_refusal_get_the_branch_of_the_invite(via: str) -> None:
    bench = ProxyBench()
    first = bench.send(request(via=via))[0][0]
    again = bench.send(request(via=via))[0][0]
    cancel = bench.send(request("CANCEL", via=via))[0][0]
    bench.reply(first, 486)
    ack = bench.send(request("ACK", via=via, to_tag="worker"))[0][0]
    branches = {read(data).values(b"via")[0] for data in (first, again, cancel, ack)}
    assert len(branches) == 1


@pytest.mark.parametrize("via", ["SIP/2.0/UDP 127.0.0.1:5980;branch=old-style", "SIP/2.0/UDP 127.0.0.1:5980"])
def test_different_requests_without_the_magic_cookie_get_different_branches(via: str) -> None:
    bench = ProxyBench()
    first = bench.send(request(via=via))[0][0]
    other_call = bench.send(request(via=via, call_id="call-2"))[0][0]
    bench.reply(first, 200)
    later = bench.send(request("INVITE", via=via, to_tag="worker", cseq=2))[0][0]
    ack = bench.send(request("ACK", "sip:127.0.0.1:6000", via=via, to_tag="worker"))[0][0]
    assert len({read(data).values(b"via")[0] for data in (first, other_call, later, ack)}) == 4


def test_the_same_branch_from_two_senders_becomes_two_branches() -> None:
    bench = ProxyBench()
    one = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5981;branch=z9hG4bKa", call_id="a"))[0][0]
    two = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5982;branch=z9hG4bKa", call_id="b"))[0][0]
    assert read(one).values(b"via")[0] != read(two).values(b"via")[0]


# --- Max-Forwards, loops, routes ----------------------------------------------------------------------------


def test_max_forwards_0_gets_483() -> None:
    message, next_hop = only(ProxyBench().send(request(max_forwards="0")))
    assert (status(message), next_hop) == (483, PEER)


def test_a_request_that_the_front_door_forwarded_before_gets_482() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    message, _ = only(bench.send(forwarded))
    assert status(message) == 482


def test_a_foreign_via_with_the_front_doors_branch_prefix_is_not_a_loop() -> None:
    via = "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-front-door-0123456789abcdef01234567"
    _, next_hop = only(ProxyBench().send(request(via=via)))
    assert next_hop.port == 6000


@pytest.mark.parametrize(
    ("routes", "remaining"),
    [
        (("Route: <sip:127.0.0.1:5060;lr>",), []),
        (("Route: <sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5060;transport=tcp;lr>",), []),
        (("Route: <sip:127.0.0.1;lr>", "Route: <sip:localhost:5060;transport=tcp;lr>"), []),
        (("Route: <sip:127.0.0.1:5060;lr>,<sip:127.0.0.1:5099;lr>",), [b"<sip:127.0.0.1:5099;lr>"]),
        (
            ("Route: <sip:127.0.0.1:5099;lr>, <sip:127.0.0.1:5060;lr>",),
            [b"<sip:127.0.0.1:5099;lr>, <sip:127.0.0.1:5060;lr>"],
        ),
    ],
)
def test_leading_route_values_of_the_front_door_are_removed(routes: tuple[str, ...], remaining: list[bytes]) -> None:
    message, _ = only(ProxyBench().send(request(headers=routes)))
    assert message.values(b"route") == remaining


# --- TCP ----------------------------------------------------------------------------------------------------


def test_an_invite_by_tcp_gets_record_route_and_its_response_goes_back_on_the_connection() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    message = read(forwarded)
    assert message.values(b"record-route") == [OWN_RECORD_ROUTE]
    assert message.values(b"via")[0].startswith(b"SIP/2.0/UDP ")
    _, next_hop = only(bench.reply(forwarded, 200))
    assert next_hop == Hop("127.0.0.1", 5980, TCP_PEER.connection)


@pytest.mark.parametrize("before_the_vias", [True, False])
def test_the_record_route_is_above_those_of_earlier_proxies(before_the_vias: bool) -> None:
    """Kamailio writes its own before the Vias, other proxies write theirs after them."""
    of_proxies = b"Record-Route: <sip:127.0.0.1:5071;lr>\r\nRecord-Route: <sip:127.0.0.1:5070;lr>"
    start, _, others = request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt").partition(b"\r\n")
    via, _, others = others.partition(b"\r\n")
    lines = [start, of_proxies, via, others] if before_the_vias else [start, via, of_proxies, others]
    message = read(ProxyBench().send(b"\r\n".join(lines), TCP_PEER)[0][0])
    assert message.values(b"record-route") == [
        OWN_RECORD_ROUTE,
        b"<sip:127.0.0.1:5071;lr>",
        b"<sip:127.0.0.1:5070;lr>",
    ]


def test_a_workers_bye_goes_to_a_tcp_peers_open_connection_and_its_200_to_the_worker() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(forwarded, 200)
    bye = request(
        "BYE",
        "sip:peer@127.0.0.1:5980;transport=tcp",
        via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw",
        from_tag="worker",
        to_tag="caller",
        headers=("Route: <sip:127.0.0.1:5060;lr>", "Route: <sip:127.0.0.1:5060;transport=tcp;lr>"),
    )
    message, next_hop = only(bench.send(bye, hop(bench.workers[0])))
    assert next_hop == Hop("127.0.0.1", 5980, TCP_PEER.connection)
    assert message.values(b"route") == []
    assert message.values(b"via")[0].startswith(b"SIP/2.0/TCP ")
    answer, back = only(bench.send(response_to(bytes(message), 200), TCP_PEER))
    assert (status(answer), back) == (200, hop(bench.workers[0]))
    assert bench.workers[0].slots_in_use == 0


def test_a_message_on_a_tcp_connection_gets_a_content_length() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bare = response_to(forwarded, 180).replace(b"Content-Length: 0\r\n", b"")
    message, _ = only(bench.send(bare, hop(bench.workers[0])))
    assert message.values(b"content-length") == [b"0"]


def test_a_request_that_cannot_be_delivered_to_a_tcp_peer_gets_503() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(forwarded, 200)
    bye = request("BYE", via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw", from_tag="worker", to_tag="caller")
    [(data, next_hop)] = bench.send(bye, hop(bench.workers[0]))
    message, back = only(bench.proxy.delivery_failed(data, next_hop, bench.now))
    assert (status(message), back) == (503, hop(bench.workers[0]))
    assert message.values(b"via") == [read(data).values(b"via")[1]]
    assert bench.last_record("dropped")["dropped"] == "TCP peer not reachable"
