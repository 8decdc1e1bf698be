"""Calls of a worker that died are ended at their peers."""

from __future__ import annotations

from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from tests.unit.front_door.proxy_bench import PEER, TCP_PEER, ProxyBench, hop, only, request, response_to, status


def test_a_pending_invite_of_a_dead_worker_gets_480_and_later_requests_481() -> None:
    bench = ProxyBench(2)
    forwarded, next_hop = bench.send(request())[0]
    bench.send(response_to(forwarded, 180), next_hop)
    message, back = only(bench.proxy.worker_died(bench.workers[0], bench.now))
    assert (status(message), back) == (480, PEER)
    assert bench.last_record("did")["sip_call_id"] == "call-1"
    assert bench.workers[0].slots_in_use == 0
    assert status(only(bench.send(request()))[0]) == 480, "a retransmission gets the same response"
    assert status(only(bench.send(request("CANCEL")))[0]) == 200
    assert status(only(bench.send(request("INFO", to_tag="worker", cseq=2)))[0]) == 481


def test_the_caller_of_a_dead_worker_gets_a_bye_within_the_dialog() -> None:
    bench = ProxyBench()
    recorded = ("Record-Route: <sip:127.0.0.1:5070;lr>, <sip:127.0.0.1:5071;lr>",)
    forwarded = bench.send(request(headers=recorded))[0][0]
    bench.reply(forwarded, 200)
    message, next_hop = only(bench.proxy.worker_died(bench.workers[0], bench.now))
    assert message.start == b"BYE sip:peer@127.0.0.1:5980 SIP/2.0"
    assert next_hop == PEER
    assert message.value(b"from") == b"<sip:+12065550142@127.0.0.1>;tag=worker"
    assert message.value(b"to") == b"<sip:peer@127.0.0.1:5980>;tag=caller"
    assert message.value(b"cseq") == b"1000000 BYE"
    assert message.values(b"route") == [b"<sip:127.0.0.1:5070;lr>", b"<sip:127.0.0.1:5071;lr>"]
    assert bench.send(response_to(bytes(message), 200), PEER) == []
    assert not any("dropped" in record for record in bench.records)
    assert status(only(bench.send(request("BYE", to_tag="worker", cseq=2)))[0]) == 481


def test_a_bye_to_a_tcp_peer_is_sent_on_its_connection() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request(via="SIP/2.0/TCP 127.0.0.1:5980;branch=z9hG4bKt"), TCP_PEER)[0][0]
    bench.reply(forwarded, 200)
    message, next_hop = only(bench.proxy.worker_died(bench.workers[0], bench.now))
    assert next_hop == Hop("127.0.0.1", 5980, TCP_PEER.connection)
    assert (message.value(b"via") or b"").startswith(b"SIP/2.0/TCP 127.0.0.1:5060;")


def test_a_bye_is_not_sent_to_a_contact_on_another_machine() -> None:
    bench = ProxyBench()
    data = request().replace(b"Contact: <sip:peer@127.0.0.1:5980>", b"Contact: <sip:peer@192.0.2.1:5980>")
    bench.reply(bench.send(data)[0][0], 200)
    _, next_hop = only(bench.proxy.worker_died(bench.workers[0], bench.now))
    assert next_hop == PEER


def test_ended_calls_and_calls_of_other_workers_are_not_torn_down() -> None:
    bench = ProxyBench(2)
    first = bench.send(request())[0]
    second = bench.send(request(call_id="call-2", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK2"))[0]
    assert first[1] != second[1]
    bench.send(response_to(first[0], 486), first[1])
    assert bench.proxy.worker_died(bench.workers[0], bench.now) == []


def test_the_pending_invite_of_a_dead_calling_worker_is_cancelled() -> None:
    bench = ProxyBench(2)
    caller, callee = bench.workers
    via = "SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw"
    bench.group.remove(caller)
    forwarded = bench.send(request(via=via), hop(caller))[0][0]
    bench.send(response_to(forwarded, 180), hop(callee))
    cancel, next_hop = only(bench.proxy.worker_died(caller, bench.now))
    assert cancel.start.startswith(b"CANCEL ")
    assert (cancel.value(b"via"), next_hop) == (read(forwarded).values(b"via")[0], hop(callee))
    assert bench.send(response_to(bytes(cancel), 200), hop(callee)) == []
    ack, next_hop = only(bench.send(response_to(forwarded, 487), hop(callee)))
    assert ack.start.startswith(b"ACK ")
    assert next_hop == hop(callee)
    assert callee.slots_in_use == 0


def test_the_callee_of_a_dead_calling_worker_gets_a_bye() -> None:
    bench = ProxyBench(2)
    caller, callee = bench.workers
    bench.group.remove(caller)
    forwarded = bench.send(request(via="SIP/2.0/UDP 127.0.0.1:6000;rport;branch=z9hG4bKw"), hop(caller))[0][0]
    bench.send(response_to(forwarded, 200, contact="sip:127.0.0.1:6001"), hop(callee))
    bye, next_hop = only(bench.proxy.worker_died(caller, bench.now))
    assert bye.start == b"BYE sip:127.0.0.1:6001 SIP/2.0"
    assert next_hop == hop(callee)
    assert bye.value(b"from") == b"<sip:peer@127.0.0.1:5980>;tag=caller"
    assert bye.value(b"to") == b"<sip:+12065550142@127.0.0.1>;tag=worker"


def test_queued_invites_wait_for_the_next_worker() -> None:
    bench = ProxyBench()
    for number in range(4):
        bench.send(request(call_id=f"c{number}", via=f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{number}"))
    bench.send(request(call_id="queued", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKqueued"))
    [dead] = bench.workers
    assert [status(read(data)) for data, _ in bench.proxy.worker_died(dead, bench.now)] == [480] * 4
    bench.group.worker_died(dead)
    fresh = ProxyBench().workers[0]
    bench.group.add(fresh)
    [(data, next_hop)] = bench.proxy.tick(bench.now)
    assert read(data).value(b"call-id") == b"queued"
    assert next_hop == hop(fresh)


def test_ends_of_calls_reported_just_before_the_death_of_their_worker_count_as_its_consequence() -> None:
    bench = ProxyBench()
    established = bench.send(request())[0][0]
    bench.reply(established, 200)
    via = "SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{}"
    ringing, refused, hung_up = (
        bench.send(request(call_id=f"call-{n}", via=via.format(n)))[0][0] for n in ("ringing", "refused", "hung-up")
    )
    bench.reply(ringing, 180)
    bench.reply(hung_up, 200)
    for call_id in ("call-1", "call-ringing", "call-refused", "call-hung-up"):
        bench.proxy.call_ended(call_id, bench.now, bench.workers[0])
    bench.reply(refused, 486)
    bye = request("BYE", to_tag="worker", cseq=2, call_id="call-hung-up", via=via.format("bye"))
    bench.reply(bench.send(bye)[0][0], 200)
    bench.pass_time(0.1)
    out = [data.split(b" ")[:2] for data, _ in bench.proxy.worker_died(bench.workers[0], bench.now)]
    assert out == [[b"BYE", b"sip:peer@127.0.0.1:5980"], [b"SIP/2.0", b"480"]]


def test_a_call_that_ended_long_before_the_death_of_its_worker_is_not_torn_down() -> None:
    bench = ProxyBench()
    bench.reply(bench.send(request())[0][0], 200)
    bench.proxy.call_ended("call-1", bench.now)
    bench.pass_time(1)
    assert bench.proxy.worker_died(bench.workers[0], bench.now) == []
