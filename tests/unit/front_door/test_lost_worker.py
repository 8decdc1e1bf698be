"""A worker dies: nobody is left with a dead call."""

from __future__ import annotations

from simulator.front_door.wire import Hop
from simulator.sip_bytes import read
from tests.unit.front_door.bench import PEER, TCP_PEER, Bench, hop, only, request, response_to, status


def test_a_pending_call_gets_480_and_what_follows_481() -> None:
    bench = Bench(2)
    passed, onward = bench.send(request())[0]
    bench.send(response_to(passed, 180), onward)
    message, back = only(bench.core.lost(bench.workers[0], bench.now))
    assert (status(message), back) == (480, PEER)
    assert bench.last("did")["sip_call_id"] == "call-1"
    assert bench.workers[0].busy == 0
    assert status(only(bench.send(request()))[0]) == 480, "a retransmission gets the same answer"
    assert status(only(bench.send(request("CANCEL")))[0]) == 200
    assert status(only(bench.send(request("INFO", to_tag="worker", cseq=2)))[0]) == 481


def test_a_talking_call_gets_a_bye_that_continues_its_dialog() -> None:
    bench = Bench()
    recorded = ("Record-Route: <sip:127.0.0.1:5070;lr>, <sip:127.0.0.1:5071;lr>",)
    passed = bench.send(request(headers=recorded))[0][0]
    bench.reply(passed, 200)
    message, onward = only(bench.core.lost(bench.workers[0], bench.now))
    assert message.start == b"BYE sip:peer@127.0.0.1:5980 SIP/2.0"
    assert onward == PEER
    assert message.value(b"from") == b"<sip:+12065550142@127.0.0.1>;tag=worker"
    assert message.value(b"to") == b"<sip:peer@127.0.0.1:5980>;tag=caller"
    assert message.value(b"cseq") == b"1000000 BYE"
    assert message.values(b"route") == [b"<sip:127.0.0.1:5070;lr>", b"<sip:127.0.0.1:5071;lr>"]
    assert bench.send(response_to(bytes(message), 200), PEER) == []
    assert not any("dropped" in record for record in bench.records)
    assert status(only(bench.send(request("BYE", to_tag="worker", cseq=2)))[0]) == 481


def test_the_bye_to_a_tcp_peer_goes_by_its_connection() -> None:
    bench = Bench()
    passed = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(passed, 200)
    message, onward = only(bench.core.lost(bench.workers[0], bench.now))
    assert onward == Hop("127.0.0.1", 5980, TCP_PEER.connection)
    assert (message.value(b"via") or b"").startswith(b"SIP/2.0/TCP 127.0.0.1:5060;")


def test_a_contact_elsewhere_never_draws_a_packet_off_the_machine() -> None:
    bench = Bench()
    data = request().replace(b"Contact: <sip:peer@127.0.0.1:5980>", b"Contact: <sip:peer@192.0.2.1:5980>")
    bench.reply(bench.send(data)[0][0], 200)
    _, onward = only(bench.core.lost(bench.workers[0], bench.now))
    assert onward == PEER


def test_ended_calls_and_those_of_other_workers_are_left_alone() -> None:
    bench = Bench(2)
    first = bench.send(request())[0]
    second = bench.send(request(call_id="call-2", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK2"))[0]
    assert first[1] != second[1]
    bench.send(response_to(first[0], 486), first[1])
    assert bench.core.lost(bench.workers[0], bench.now) == []


def test_a_dead_caller_takes_its_ringing_call_with_it() -> None:
    bench = Bench(2)
    caller, callee = bench.workers
    via = "SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw"
    bench.group.remove(caller)
    passed = bench.send(request(via=via), hop(caller))[0][0]
    bench.send(response_to(passed, 180), hop(callee))
    cancel, onward = only(bench.core.lost(caller, bench.now))
    assert cancel.start.startswith(b"CANCEL ")
    assert (cancel.value(b"via"), onward) == (read(passed).values(b"via")[0], hop(callee))
    assert bench.send(response_to(bytes(cancel), 200), hop(callee)) == []
    ack, onward = only(bench.send(response_to(passed, 487), hop(callee)))
    assert ack.start.startswith(b"ACK ")
    assert onward == hop(callee)
    assert callee.busy == 0


def test_a_dead_caller_takes_its_talking_call_with_it() -> None:
    bench = Bench(2)
    caller, callee = bench.workers
    bench.group.remove(caller)
    passed = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw"), hop(caller))[0][0]
    bench.send(response_to(passed, 200, contact="sip:127.0.0.1:6001"), hop(callee))
    bye, onward = only(bench.core.lost(caller, bench.now))
    assert bye.start == b"BYE sip:127.0.0.1:6001 SIP/2.0"
    assert onward == hop(callee)
    assert bye.value(b"from") == b"<sip:peer@127.0.0.1:5980>;tag=caller"
    assert bye.value(b"to") == b"<sip:+12065550142@127.0.0.1>;tag=worker"


def test_calls_that_wait_stay_for_the_next_worker() -> None:
    bench = Bench()
    for number in range(4):
        bench.send(request(call_id=f"c{number}", via=f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{number}"))
    bench.send(request(call_id="waits", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKwaits"))
    [dead] = bench.workers
    assert [status(read(data)) for data, _ in bench.core.lost(dead, bench.now)] == [480] * 4
    bench.group.lost(dead)
    fresh = Bench().workers[0]
    bench.group.add(fresh)
    [(data, onward)] = bench.core.tick(bench.now)
    assert read(data).value(b"call-id") == b"waits"
    assert onward == hop(fresh)


def test_an_owner_may_tell_the_end_of_the_calls_before_the_death_of_the_worker() -> None:
    bench = Bench()
    talking = bench.send(request())[0][0]
    bench.reply(talking, 200)
    via = "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{}"
    ringing, refused, hung_up = (
        bench.send(request(call_id=f"call-{n}", via=via.format(n)))[0][0] for n in ("ringing", "refused", "hung-up")
    )
    bench.reply(ringing, 180)
    bench.reply(hung_up, 200)
    for call_id in ("call-1", "call-ringing", "call-refused", "call-hung-up"):
        bench.core.ended(call_id, bench.now, bench.workers[0])
    bench.reply(refused, 486)
    bye = request("BYE", to_tag="worker", cseq=2, call_id="call-hung-up", via=via.format("bye"))
    bench.reply(bench.send(bye)[0][0], 200)
    bench.pass_time(0.1)
    out = [data.split(b" ")[:2] for data, _ in bench.core.lost(bench.workers[0], bench.now)]
    assert out == [[b"BYE", b"sip:peer@127.0.0.1:5980"], [b"SIP/2.0", b"480"]]


def test_a_call_that_ended_long_before_the_death_is_left_alone() -> None:
    bench = Bench()
    bench.reply(bench.send(request())[0][0], 200)
    bench.core.ended("call-1", bench.now)
    bench.pass_time(1)
    assert bench.core.lost(bench.workers[0], bench.now) == []
