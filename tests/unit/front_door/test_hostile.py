"""Hostile input: each torture message gets its documented response, and no mutated message raises an exception."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sip_bytes import Address, Via, host_and_port, parameters, read, split_list
from simulator.sip_requests.hop import Hop, Outgoing
from tests.unit.front_door.mutations import mutated
from tests.unit.front_door.proxy_bench import PEER, TCP_PEER, ProxyBench, hop, only, request, status, well_formed
from tests.unit.front_door.torture import FORWARDED, SILENCE, TORTURE, Torture


@pytest.mark.parametrize("torture", TORTURE, ids=lambda torture: torture.name)
def test_a_torture_message_gets_its_documented_response(torture: Torture) -> None:
    bench = ProxyBench()
    out = bench.send(torture.data)
    if torture.answer == SILENCE:
        assert out == []
        if torture.data.strip():
            assert bench.last_record("dropped")["count"] == 1
    elif torture.answer == FORWARDED:
        _, next_hop = only(out)
        assert next_hop == hop(bench.workers[0])
    else:
        message, next_hop = only(out)
        assert (status(message), next_hop.port) == (torture.answer, PEER.port)
        if torture.answer != 200:
            assert bench.last_record("refused")["refused"] == torture.answer


def test_every_refusal_of_a_malformed_request_says_what_is_wrong() -> None:
    for torture in TORTURE:
        if torture.answer == 400:
            [(data, _)] = ProxyBench().send(torture.data)
            assert read(data).start.startswith(b"SIP/2.0 400 Bad Request: "), torture.name
            assert len(read(data).start) > 40, torture.name


def test_a_response_or_an_ack_is_never_answered() -> None:
    for data in (one.data for one in TORTURE):
        for start in (b"SIP/2.0 200 OK", b"SIP/2.0 x", b"ACK sip:x SIP/9.9", b"ACK"):
            changed = start + b"\r\n" + data.partition(b"\r\n")[2]
            assert ProxyBench().send(changed) == []


def check(out: list[Outgoing], workers: set[Hop]) -> None:
    """Every message sent is well-formed and goes to the peer, to its connection or to a worker."""
    for data, next_hop in out:
        message = well_formed(data)
        assert next_hop in workers or next_hop.host == "127.0.0.1"
        vias = message.values(b"via")
        assert vias
        assert Via.parse(split_list(vias[0])[0]) is not None
        if next_hop in workers:
            assert len(data) < 4000, "PJSIP would truncate it"


def test_5000_mutated_messages_raise_nothing_and_leave_no_slot_in_use() -> None:
    bench = ProxyBench(3)
    workers = {hop(worker) for worker in bench.workers}
    forwarded = answered = 0
    sources = (PEER, TCP_PEER, *workers)
    for number, data in enumerate(mutated(5000, seed=20)):
        out = bench.send(data, sources[number % 7] if number % 7 < len(sources) else PEER)
        out += bench.pass_time(0.02)
        check(out, workers)
        forwarded += sum(next_hop in workers for _, next_hop in out)
        answered += sum(data.startswith(b"SIP/2.0 ") for data, _ in out)
    assert forwarded > 80
    assert answered > 1000
    check(bench.pass_time(40), workers)
    assert [worker.slots_in_use for worker in bench.workers] == [0, 0, 0]
    assert bench.proxy.next_deadline(bench.now) is None


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_handled(noise: bytes) -> None:
    bench = ProxyBench()
    check(bench.send(noise), set())
    check(bench.send(request().replace(b"70", noise)), {hop(bench.workers[0])})
    check(bench.send(b"SIP/2.0 200 OK\r\nVia: " + noise + b"\r\n\r\n", hop(bench.workers[0])), set())


@settings(max_examples=300)
@given(st.text(alphabet='"\\<>;=,:@ a1%[]', max_size=60))
def test_header_parsers_take_any_text(text: str) -> None:
    value = text.encode()
    assert b",".join(split_list(value)) == value
    parameters(value)
    Via.parse(b"SIP/2.0/UDP 127.0.0.1" + value)
    Address.parse(value)
    host_and_port(b"sip:" + value)


LARGE = 400_000
"""Bytes: milliseconds for a parser that scans its input once, minutes for one that rescans it from each byte."""


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "pattern",
    [b"\\", b'\\"', b'"', b'"a', b'"a"', b"<", b"<>", b"a<", b" ", b"a ", b"@", b"a:", b";", b'";', b",", b'",'],
)
@pytest.mark.parametrize("start", [b"", b'"', b"<"])
def test_the_work_for_a_header_value_does_not_grow_with_the_square_of_its_length(start: bytes, pattern: bytes) -> None:
    value = start + pattern * (LARGE // len(pattern))
    Address.parse(value)
    Via.parse(b"SIP/2.0/UDP 127.0.0.1;" + value)
    Via.parse(b"SIP/2.0/UDP 127.0.0.1" + value)
    host_and_port(b"sip:" + value)
    split_list(value)


def test_repeated_drops_are_recorded_once_with_their_count() -> None:
    bench = ProxyBench()
    for _ in range(500):
        bench.send(b"noise\r\n\r\n")
    bench.pass_time(1.1)
    assert [record["count"] for record in bench.records] == [1, 499]


def test_a_response_from_neither_side_of_the_call_is_dropped() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    assert bench.reply(forwarded, 200, source=Hop("127.0.0.1", 9999)) == []
    assert bench.last_record("dropped")["dropped"] == "response from neither side of the call"
    assert len(bench.reply(forwarded, 200)) == 1
