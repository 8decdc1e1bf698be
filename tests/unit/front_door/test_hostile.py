"""Hostile input: each torture message gets its documented answer, and no mutation gets an exception."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.front_door.wire import Hop, Out
from simulator.sip_bytes import Address, Via, host_and_port, parameters, read, split_list
from tests.unit.front_door.bench import PEER, TCP_PEER, Bench, hop, only, request, status, well_formed
from tests.unit.front_door.mutations import mutated
from tests.unit.front_door.torture import FORWARDED, SILENCE, TORTURE, Torture


@pytest.mark.parametrize("torture", TORTURE, ids=lambda torture: torture.name)
def test_torture(torture: Torture) -> None:
    bench = Bench()
    out = bench.send(torture.data)
    if torture.answer == SILENCE:
        assert out == []
        if torture.data.strip():
            assert bench.last("dropped")["count"] == 1
    elif torture.answer == FORWARDED:
        _, onward = only(out)
        assert onward == hop(bench.workers[0])
    else:
        message, onward = only(out)
        assert (status(message), onward.port) == (torture.answer, PEER.port)
        if torture.answer != 200:
            assert bench.last("refused")["refused"] == torture.answer


def test_every_refusal_of_a_malformed_request_says_what_is_wrong() -> None:
    for torture in TORTURE:
        if torture.answer == 400:
            [(data, _)] = Bench().send(torture.data)
            assert read(data).start.startswith(b"SIP/2.0 400 Bad Request: "), torture.name
            assert len(read(data).start) > 40, torture.name


def test_nothing_answers_a_response_or_an_ack() -> None:
    for data in (one.data for one in TORTURE):
        for start in (b"SIP/2.0 200 OK", b"SIP/2.0 x", b"ACK sip:x SIP/9.9", b"ACK"):
            bent = start + b"\r\n" + data.partition(b"\r\n")[2]
            assert Bench().send(bent) == []


def check(out: list[Out], workers: set[Hop]) -> None:
    """Everything that leaves is well-formed, and goes to the peer, a worker or the peer's connection."""
    for data, onward in out:
        message = well_formed(data)
        assert onward in workers or onward.host == "127.0.0.1"
        vias = message.values(b"via")
        assert vias
        assert Via.parse(split_list(vias[0])[0]) is not None
        if onward in workers:
            assert len(data) < 4000, "PJSIP would cut it"


def test_5000_mutated_messages_meet_no_exception_and_leave_no_slot_taken() -> None:
    bench = Bench(3)
    workers = {hop(worker) for worker in bench.workers}
    forwarded = answered = 0
    sources = (PEER, TCP_PEER, *workers)
    for number, data in enumerate(mutated(5000, seed=20)):
        out = bench.send(data, sources[number % 7] if number % 7 < len(sources) else PEER)
        out += bench.pass_time(0.02)
        check(out, workers)
        forwarded += sum(onward in workers for _, onward in out)
        answered += sum(data.startswith(b"SIP/2.0 ") for data, _ in out)
    assert forwarded > 100
    assert answered > 1000
    check(bench.pass_time(10), workers)
    assert [worker.busy for worker in bench.workers] == [0, 0, 0]
    assert bench.core.next_deadline(bench.now) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(noise: bytes) -> None:
    bench = Bench()
    check(bench.send(noise), set())
    check(bench.send(request().replace(b"70", noise)), {hop(bench.workers[0])})
    check(bench.send(b"SIP/2.0 200 OK\r\nVia: " + noise + b"\r\n\r\n", hop(bench.workers[0])), set())


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='"\\<>;=,:@ a1%[]', max_size=60))
def test_the_parts_of_a_header_can_be_any_text(text: str) -> None:
    value = text.encode()
    assert b",".join(split_list(value)) == value
    parameters(value)
    Via.parse(b"SIP/2.0/UDP 127.0.0.1" + value)
    Address.parse(value)
    host_and_port(b"sip:" + value)


@pytest.mark.parametrize("value", [b'"' + b"\\" * 4000, b"<" * 4000, b'"a' * 2000, b" " * 4000, b"sip:" + b"@" * 4000])
def test_no_header_value_costs_more_than_its_length(value: bytes) -> None:
    for _ in range(20):
        Address.parse(value)
        Via.parse(b"SIP/2.0/UDP 127.0.0.1;" + value)
        host_and_port(value)
        split_list(value)


def test_repeated_drops_are_counted_not_listed() -> None:
    bench = Bench()
    for _ in range(500):
        bench.send(b"noise\r\n\r\n")
    bench.pass_time(1.1)
    assert [record["count"] for record in bench.records] == [1, 499]


def test_strangers_cannot_answer_for_a_worker() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    assert bench.reply(passed, 200, source=Hop("127.0.0.1", 9999)) == []
    assert bench.last("dropped")["dropped"] == "response from a stranger"
    assert len(bench.reply(passed, 200)) == 1
