"""What a message looks like behind the front door: only Via, Max-Forwards, Route and Record-Route differ."""

from __future__ import annotations

import pytest

from simulator.front_door.wire import Hop
from simulator.sip_bytes import read
from tests.unit.front_door.bench import PEER, TCP_PEER, Bench, hop, only, request, response_to, status


def test_an_invite_goes_to_the_worker_with_our_via_on_top_and_one_hop_less() -> None:
    bench = Bench()
    message, onward = only(bench.send(request()))
    assert onward == hop(bench.workers[0])
    own, theirs = message.values(b"via")
    assert own.startswith(b"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-front-door-")
    assert theirs == b"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-1"
    assert message.value(b"max-forwards") == b"69"
    assert message.start == b"INVITE sip:+12065550142@127.0.0.1:5060 SIP/2.0"


def test_max_forwards_is_added_when_absent() -> None:
    message, _ = only(Bench().send(request(hops=None)))
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
def test_other_headers_pass_byte_for_byte(line: bytes) -> None:
    data = request().replace(b"Content-Length", line + b"\r\nContent-Length")
    out = Bench().send(data)
    assert b"\r\n" + line + b"\r\n" in out[0][0]


def test_the_body_passes_and_what_lies_behind_it_does_not() -> None:
    data = request(body=b"v=0\r\n")
    message, _ = only(Bench().send(data + b"stray bytes"))
    assert message.body == b"v=0\r\n"


def test_folded_lines_are_unfolded() -> None:
    data = request().replace(b"Contact: ", b"Subject: one\r\n\ttwo\r\n  three\r\nContact: ")
    message, _ = only(Bench().send(data))
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
def test_the_top_via_tells_where_the_request_really_came_from(via: str, stamped: str) -> None:
    message, _ = only(Bench().send(request(via=via)))
    assert message.values(b"via")[1] == stamped.encode()


def test_only_the_first_of_several_vias_in_a_line_is_stamped() -> None:
    via = "SIP/2.0/UDP one.example.com;branch=z9hG4bKa, SIP/2.0/UDP two.example.com;branch=z9hG4bKb"
    message, _ = only(Bench().send(request(via=via)))
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
def test_a_response_loses_our_via_and_follows_the_next(via: str, back_to: Hop) -> None:
    bench = Bench()
    passed = bench.send(request(via=via))[0][0]
    message, onward = only(bench.reply(passed, 180))
    assert onward == back_to
    assert message.values(b"via") == read(passed).values(b"via")[1:]


def test_vias_in_one_line_come_apart_on_the_way_back() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    response = response_to(passed, 180)
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
def test_retransmission_cancel_and_ack_of_a_refusal_get_the_branch_of_the_invite(via: str) -> None:
    bench = Bench()
    first = bench.send(request(via=via))[0][0]
    again = bench.send(request(via=via))[0][0]
    cancel = bench.send(request("CANCEL", via=via))[0][0]
    bench.reply(first, 486)
    ack = bench.send(request("ACK", via=via, to_tag="worker"))[0][0]
    branches = {read(data).values(b"via")[0] for data in (first, again, cancel, ack)}
    assert len(branches) == 1


@pytest.mark.parametrize("via", ["SIP/2.0/UDP 127.0.0.1:5980;branch=old-style", "SIP/2.0/UDP 127.0.0.1:5980"])
def test_old_branches_of_different_requests_differ(via: str) -> None:
    bench = Bench()
    first = bench.send(request(via=via))[0][0]
    other_call = bench.send(request(via=via, call_id="call-2"))[0][0]
    bench.reply(first, 200)
    later = bench.send(request("INVITE", via=via, to_tag="worker", cseq=2))[0][0]
    ack = bench.send(request("ACK", "sip:127.0.0.1:6000", via=via, to_tag="worker"))[0][0]
    assert len({read(data).values(b"via")[0] for data in (first, other_call, later, ack)}) == 4


def test_the_same_branch_of_two_senders_differs() -> None:
    bench = Bench()
    one = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5981;branch=z9hG4bKa", call_id="a"))[0][0]
    two = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5982;branch=z9hG4bKa", call_id="b"))[0][0]
    assert read(one).values(b"via")[0] != read(two).values(b"via")[0]


# --- Max-Forwards, loops, routes ----------------------------------------------------------------------------


def test_no_hops_left_is_483() -> None:
    message, onward = only(Bench().send(request(hops="0")))
    assert (status(message), onward) == (483, PEER)


def test_a_request_that_was_here_before_is_482() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    message, _ = only(bench.send(passed))
    assert status(message) == 482


def test_a_foreign_via_with_our_branch_prefix_is_no_loop() -> None:
    via = "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-front-door-0123456789abcdef01234567"
    _, onward = only(Bench().send(request(via=via)))
    assert onward.port == 6000


@pytest.mark.parametrize(
    ("routes", "left"),
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
def test_our_own_route_values_are_popped_from_the_top(routes: tuple[str, ...], left: list[bytes]) -> None:
    message, _ = only(Bench().send(request(headers=routes)))
    assert message.values(b"route") == left


# --- TCP ----------------------------------------------------------------------------------------------------


def test_a_call_by_tcp_is_kept_on_the_road_and_its_answers_return_on_the_connection() -> None:
    bench = Bench()
    passed = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    message = read(passed)
    names = [name for name, _ in message.fields]
    assert message.values(b"record-route") == [b"<sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5060;transport=tcp;lr>"]
    assert names.index(b"record-route") == max(i for i, name in enumerate(names) if name == b"via") + 1
    assert message.values(b"via")[0].startswith(b"SIP/2.0/UDP ")
    _, onward = only(bench.reply(passed, 200))
    assert onward == Hop("127.0.0.1", 5980, TCP_PEER.connection)


def test_a_workers_bye_reaches_the_open_connection_of_a_tcp_peer_and_its_200_the_worker() -> None:
    bench = Bench()
    passed = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(passed, 200)
    bye = request(
        "BYE",
        "sip:peer@127.0.0.1:5980;transport=tcp",
        via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw",
        from_tag="worker",
        to_tag="caller",
        headers=("Route: <sip:127.0.0.1:5060;lr>", "Route: <sip:127.0.0.1:5060;transport=tcp;lr>"),
    )
    message, onward = only(bench.send(bye, hop(bench.workers[0])))
    assert onward == Hop("127.0.0.1", 5980, TCP_PEER.connection)
    assert message.values(b"route") == []
    assert message.values(b"via")[0].startswith(b"SIP/2.0/TCP ")
    answer, back = only(bench.send(response_to(bytes(message), 200), TCP_PEER))
    assert (status(answer), back) == (200, hop(bench.workers[0]))
    assert bench.workers[0].busy == 0


def test_what_goes_to_a_stream_has_a_content_length() -> None:
    bench = Bench()
    passed = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bare = response_to(passed, 180).replace(b"Content-Length: 0\r\n", b"")
    message, _ = only(bench.send(bare, hop(bench.workers[0])))
    assert message.values(b"content-length") == [b"0"]


def test_the_sender_of_what_a_gone_tcp_peer_cannot_get_is_told_503() -> None:
    bench = Bench()
    passed = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(passed, 200)
    bye = request("BYE", via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw", from_tag="worker", to_tag="caller")
    [(data, onward)] = bench.send(bye, hop(bench.workers[0]))
    message, back = only(bench.core.undeliverable(data, onward, bench.now))
    assert (status(message), back) == (503, hop(bench.workers[0]))
    assert message.values(b"via") == [read(data).values(b"via")[1]]
    assert bench.last("dropped")["dropped"] == "the TCP peer is gone"
