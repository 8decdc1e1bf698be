"""Which worker gets a new call, how fast, and what frees its slot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.errors import ConfigurationError, LineBusy, NoRoute, UnknownNumber
from simulator.front_door import Destination, DestinationGroup, FinalResponse
from simulator.front_door.call_admission import MAX_QUEUE_TIME, MAX_START_TIME
from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from tests.unit.front_door.proxy_bench import PEER, ProxyBench, hop, only, request, response_to, status


def invite(number: int, **facts: object) -> bytes:
    via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-{number}"
    return request(via=via, call_id=f"call-{number}", **facts)  # type: ignore[arg-type]


def ring(bench: ProxyBench, calls: int) -> list[bytes]:
    """Start that many calls, each answered with 180. Returns the forwarded INVITEs."""
    forwarded = [bench.send(invite(number))[0][0] for number in range(calls)]
    for data in forwarded:
        bench.reply(data, 180, source=worker_of(bench, data))
    return forwarded


def worker_of(bench: ProxyBench, forwarded: bytes) -> Hop:
    call_id = read(forwarded).value(b"call-id")
    for worker in bench.workers:
        if any(key[0].encode() == call_id for key in worker._calls):  # type: ignore[index]
            return hop(worker)
    return hop(bench.workers[0])


# --- routing ------------------------------------------------------------------------------------------------


def test_the_router_gets_the_invite() -> None:
    bench = ProxyBench()
    bench.send(request(headers=("X-Account: 47", "s: caf\xe9")))
    [invited] = bench.invites
    assert invited.request_uri == "sip:+12065550142@127.0.0.1:5060"
    assert (invited.call_id, invited.source, invited.transport) == ("call-1", "127.0.0.1:5980", "UDP")
    assert (invited.header("x-account"), invited.header("Subject"), invited.header("X-None")) == ("47", "caf\xe9", None)
    assert ("x-account", "47") in invited.headers


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownNumber("+1", "nobody"), 404),
        (LineBusy("+1", "busy"), 486),
        (NoRoute("+1", "out"), 503),
        (ConfigurationError("uri", "x", "y"), 400),
        (ZeroDivisionError(), 500),
    ],
)
def test_an_exception_of_the_router_becomes_a_final_response(error: Exception, code: int) -> None:
    bench = ProxyBench()
    bench.route = error
    message, next_hop = only(bench.send(request()))
    assert (status(message), next_hop) == (code, PEER)
    assert bench.last_record("refused")["refused"] == code
    assert (message.value(b"retry-after") is not None) == (code == 503)


def test_a_retransmitted_invite_gets_the_same_refusal_and_its_ack_is_absorbed() -> None:
    bench = ProxyBench()
    bench.route = FinalResponse(404, "Not Found")
    first = bench.send(request())
    bench.route = bench.group
    assert bench.send(request()) == first
    to_tag = (read(first[0][0]).value(b"to") or b"").rpartition(b"tag=")[2].decode()
    assert to_tag.startswith("stateless-")
    assert bench.send(request("ACK", to_tag=to_tag)) == []
    assert not any("dropped" in record for record in bench.records)


# --- load balancing------------------------------------------------------------------------------------------


def test_calls_go_to_the_least_loaded_worker() -> None:
    bench = ProxyBench(3)
    ring(bench, 9)
    assert [worker.slots_in_use for worker in bench.workers] == [3, 3, 3]


def test_requests_within_a_call_go_to_the_worker_of_its_invite() -> None:
    bench = ProxyBench(4)
    first = bench.send(request())[0]
    bench.send(response_to(first[0], 200), first[1])
    others = [bench.send(invite(number))[0] for number in range(5, 9)]
    assert {next_hop for _, next_hop in others} != {first[1]}
    for method in ("ACK", "INFO", "INVITE", "UPDATE", "OPTIONS", "REFER", "BYE"):
        data = request(method, to_tag="worker", cseq=2, via=f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{method}")
        _, next_hop = only(bench.send(data))
        assert next_hop == first[1], method


def test_a_second_invite_after_a_refusal_goes_to_the_same_worker() -> None:
    bench = ProxyBench(4)
    ring(bench, 2)
    forwarded, first = bench.send(invite(50))[0]
    bench.send(response_to(forwarded, 401), first)
    retry = request(via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-retry", call_id="call-50", cseq=2)
    _, next_hop = only(bench.send(retry))
    assert next_hop == first


def test_a_request_with_a_to_tag_for_an_unknown_call_gets_481() -> None:
    for method in ("INVITE", "BYE", "INFO", "OPTIONS", "CANCEL"):
        message, _ = only(ProxyBench().send(request(method, to_tag="gone")))
        assert status(message) == 481, method


def test_the_same_invite_on_another_path_gets_482() -> None:
    bench = ProxyBench()
    bench.send(request())
    message, _ = only(bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-other")))
    assert status(message) == 482


def test_another_invite_with_the_call_id_of_an_active_call_needs_a_slot() -> None:
    bench = ProxyBench()
    results = []
    for number in range(1, 7):
        via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-{number}"
        results.append(only(bench.send(request(via=via, cseq=number))))
    assert [next_hop.port for _, next_hop in results] == [6000] * 4 + [PEER.port] * 2
    assert status(results[-1][0]) == 503


# --- set-up rate --------------------------------------------------------------------------------------------


def test_a_worker_gets_at_most_25_set_ups_in_any_500_ms() -> None:
    bench = ProxyBench()
    setup_times: list[float] = []
    for number in range(200):
        out = bench.send(invite(number))
        out += bench.pass_time(0.01)
        for data, next_hop in out:
            if next_hop.port == 6000 and data.startswith(b"INVITE"):
                setup_times.append(bench.now)
                bench.reply(data, 486)
    assert len(setup_times) > 75
    for earlier, later in zip(setup_times, setup_times[25:], strict=False):
        assert later - earlier >= 0.5 - 1e-6


def test_a_peer_that_calls_again_at_once_waits_and_is_not_refused() -> None:
    bench = ProxyBench()
    statuses = set()
    for number in range(100):
        out = bench.send(invite(number))
        if not out[0][0].startswith(b"INVITE"):
            assert status(only(out)[0]) == 100
            out = bench.pass_time(0.5)
        [(data, _)] = out
        assert data.startswith(b"INVITE")
        statuses.add(status(only(bench.reply(data, 486))[0]))
    assert statuses == {486}


def test_outgoing_calls_occupy_slots_and_count_as_set_ups() -> None:
    bench = ProxyBench()
    [worker] = bench.workers
    for number in range(4):
        bench.group.call_started(worker, f"out-{number}")
    bench.group.call_started(worker, "out-0")
    assert worker.slots_in_use == 4
    assert status(only(bench.send(request()))[0]) == 100
    bench.group.call_ended(worker, "out-0")
    assert bench.wake_count == 1
    [(data, next_hop)] = bench.proxy.tick(bench.now)
    assert data.startswith(b"INVITE")
    assert next_hop == hop(worker)
    for number in range(20):
        bench.group.call_ended(worker, f"x-{number}")
        bench.group.call_started(worker, f"y-{number}")
        bench.group.call_ended(worker, f"y-{number}")
    assert worker.next_setup_at(bench.now) > bench.now


def test_an_invite_without_a_free_slot_is_refused_after_600_ms_with_retry_after() -> None:
    bench = ProxyBench()
    ring(bench, 4)
    trying, _ = only(bench.send(invite(9)))
    assert status(trying) == 100
    assert b";tag=" not in (trying.value(b"to") or b"")
    assert bench.send(invite(9)) == []
    assert bench.pass_time(0.599) == []
    message, next_hop = only(bench.pass_time(0.002))
    assert (status(message), next_hop) == (503, PEER)
    assert message.value(b"retry-after") == b"1"


def test_queued_invites_are_forwarded_in_order_when_slots_become_free() -> None:
    bench = ProxyBench()
    forwarded = ring(bench, 4)
    bench.send(invite(11))
    bench.send(invite(12))
    answer, freed = bench.reply(forwarded[0], 486)
    assert answer[0].startswith(b"SIP/2.0 486")
    assert read(freed[0]).value(b"call-id") == b"call-11"
    freed = bench.proxy.call_ended("call-1", bench.now)[0]
    assert read(freed[0]).value(b"call-id") == b"call-12"


def test_a_queued_invite_can_be_cancelled() -> None:
    bench = ProxyBench()
    forwarded = ring(bench, 4)
    bench.send(invite(9))
    cancel = request("CANCEL", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-9", call_id="call-9")
    results = bench.send(cancel)
    assert [data.split(b" ")[1] for data, _ in results] == [b"200", b"487"]
    assert [data.split(b" ")[1] for data, _ in bench.reply(forwarded[0], 486)] == [b"486"]


def test_a_full_group_with_a_when_full_response_refuses_at_once() -> None:
    bench = ProxyBench(when_full=FinalResponse(486, "Busy Here"))
    ring(bench, 4)
    assert status(only(bench.send(invite(9)))[0]) == 486


def test_an_invite_waits_longer_for_the_worker_that_replaces_a_dead_one() -> None:
    bench = ProxyBench(1)
    bench.group.worker_died(bench.workers[0])
    bench.send(invite(1))
    assert bench.pass_time(MAX_START_TIME - 1) == []
    bench.group.add(Destination("127.0.0.1:6050"))
    assert only(bench.proxy.tick(bench.now))[0].start.startswith(b"INVITE ")


def test_an_invite_is_refused_when_no_worker_replaces_the_dead_one() -> None:
    bench = ProxyBench(0)
    bench.send(invite(1))
    assert status(only(bench.pass_time(MAX_START_TIME))[0]) == 503


def test_a_closed_group_refuses_new_and_queued_invites() -> None:
    bench = ProxyBench(0)
    bench.send(invite(1))
    bench.group.closed = FinalResponse(480, "Temporarily Unavailable")
    assert status(only(bench.send(invite(2)))[0]) == 480
    assert status(only(bench.proxy.tick(bench.now))[0]) == 480


def asked_group() -> tuple[ProxyBench, list[Callable[[], None]]]:
    """A full group that refuses with 486 once it was asked, and what to call when it has answered, for each INVITE."""
    asked: list[Callable[[], None]] = []
    bench = ProxyBench(when_full=FinalResponse(486, "Busy Here"), settle=asked.append)
    ring(bench, 4)
    assert status(only(bench.send(invite(9)))[0]) == 100
    return bench, asked


def test_a_full_group_is_asked_for_ended_calls_before_it_refuses() -> None:
    bench, [answer] = asked_group()
    assert bench.pass_time(MAX_QUEUE_TIME / 2) == []
    answer()
    assert bench.wake_count == 1
    assert status(only(bench.proxy.tick(bench.now))[0]) == 486


def test_an_ended_call_makes_room_for_an_invite_that_waits_for_the_answer() -> None:
    bench, [answer] = asked_group()
    assert only(bench.proxy.call_ended("call-0", bench.now))[0].start.startswith(b"INVITE ")
    answer()
    assert bench.proxy.tick(bench.now) == []


def test_a_full_group_refuses_also_when_it_does_not_answer() -> None:
    bench, _ = asked_group()
    assert status(only(bench.pass_time(MAX_QUEUE_TIME))[0]) == 486


def test_a_group_is_asked_to_grow_while_an_invite_is_queued() -> None:
    async def grow() -> None: ...

    bench = ProxyBench(0, grow=grow)
    assert status(only(bench.send(request()))[0]) == 100
    assert bench.grown == [bench.group]
    bench.group.add(Destination("127.0.0.1:6000"))
    assert bench.wake_count == 1
    [(data, next_hop)] = bench.proxy.tick(bench.now)
    assert (data[:6], next_hop.port) == (b"INVITE", 6000)


def test_a_group_is_asked_again_when_another_worker_is_not_enough() -> None:
    async def grow() -> None: ...

    bench = ProxyBench(0, grow=grow)
    for number in range(6):
        bench.send(invite(number))
    asked = len(bench.grown)
    bench.group.add(Destination("127.0.0.1:6050", slots=4))
    assert len(bench.pass_time(0)) == 4
    assert len(bench.grown) > asked
    asked = len(bench.grown)
    bench.group.add(Destination("127.0.0.1:6051", slots=4))
    assert len(bench.pass_time(0)) == 2
    assert len(bench.grown) == asked


def test_a_removed_worker_gets_no_new_calls_but_keeps_its_present_ones() -> None:
    bench = ProxyBench(2)
    first = bench.send(request())[0]
    bench.send(response_to(first[0], 200), first[1])
    bench.group.remove(bench.workers[0])
    assert {bench.send(invite(number))[0][1].port for number in (5, 6, 7)} == {6001}
    _, next_hop = only(bench.send(request("INFO", to_tag="worker", cseq=2)))
    assert next_hop == first[1]


# --- slots --------------------------------------------------------------------------------------------------


def test_a_forwarded_refusal_frees_the_slot() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    assert bench.workers[0].slots_in_use == 1
    bench.reply(forwarded, 183)
    assert bench.workers[0].slots_in_use == 1
    bench.reply(forwarded, 500)
    assert bench.workers[0].slots_in_use == 0


def test_the_reported_end_of_a_call_frees_its_slot_once() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    bench.reply(forwarded, 200)
    assert bench.workers[0].slots_in_use == 1
    bench.proxy.call_ended("call-1", bench.now, Destination("127.0.0.1:9"))
    assert bench.workers[0].slots_in_use == 1
    bench.proxy.call_ended("call-1", bench.now, bench.workers[0])
    bench.proxy.call_ended("call-1", bench.now)
    bench.proxy.call_ended("never-seen", bench.now)
    assert bench.workers[0].slots_in_use == 0


def test_the_response_to_a_bye_frees_the_slot() -> None:
    bench = ProxyBench()
    bench.reply(bench.send(request())[0][0], 200)
    bye = bench.send(request("BYE", to_tag="worker", cseq=2, via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKb"))[0][0]
    assert bench.workers[0].slots_in_use == 1
    bench.reply(bye, 200)
    assert bench.workers[0].slots_in_use == 0


def test_an_invite_without_a_response_for_2_s_gets_408_and_is_cancelled_at_the_worker() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    assert bench.pass_time(1.99) == []
    message, _ = only(bench.pass_time(0.02))
    assert status(message) == 408
    assert bench.workers[0].slots_in_use == 0
    [late] = bench.reply(forwarded, 180)
    assert late[0].startswith(b"CANCEL ")
    assert late[1] == hop(bench.workers[0])
    [ack] = bench.reply(forwarded, 487)
    assert ack[0].startswith(b"ACK ")
    assert read(ack[0]).value(b"via") == read(forwarded).values(b"via")[0]


def test_a_late_200_to_an_abandoned_invite_is_acknowledged_and_ended_with_bye() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    bench.pass_time(2.1)
    ack, bye = bench.reply(forwarded, 200)
    assert ack[0].startswith(b"ACK sip:127.0.0.1:6000 SIP/2.0\r\n")
    assert bye[0].startswith(b"BYE sip:127.0.0.1:6000 SIP/2.0\r\n")
    assert read(bye[0]).value(b"to") == b"<sip:+12065550142@127.0.0.1>;tag=worker"
    assert bench.send(response_to(bye[0], 200), hop(bench.workers[0])) == []


def test_an_invite_with_any_response_in_time_is_kept() -> None:
    bench = ProxyBench()
    bench.reply(bench.send(request())[0][0], 100)
    assert bench.pass_time(30) == []
    assert bench.workers[0].slots_in_use == 1


def test_an_ended_call_stays_in_the_table_for_64_times_t1() -> None:
    bench = ProxyBench()
    forwarded = bench.send(request())[0][0]
    bench.reply(forwarded, 486)
    bench.pass_time(31.9)
    assert only(bench.send(request("ACK", to_tag="worker")))[1] == hop(bench.workers[0])
    bench.pass_time(0.2)
    assert bench.send(request("ACK", to_tag="worker")) == []
    assert bench.last_record("dropped")["dropped"] == "ACK for an unknown call"
    assert bench.proxy.next_deadline(bench.now) is not None
    bench.pass_time(5)
    assert bench.proxy.next_deadline(bench.now) is None


# --- out of dialog ------------------------------------------------------------------------------------------


def test_options_out_of_dialog_is_answered_by_the_front_door() -> None:
    message, next_hop = only(ProxyBench(0).send(request("OPTIONS")))
    assert (status(message), next_hop) == (200, PEER)
    assert b"INVITE" in (message.value(b"allow") or b"")


@pytest.mark.parametrize(
    ("method", "code"), [("REGISTER", 405), ("MESSAGE", 405), ("SUBSCRIBE", 405), ("NEWMETHOD", 405), ("BYE", 481)]
)
def test_other_methods_out_of_dialog_are_refused(method: str, code: int) -> None:
    bench = ProxyBench()
    message, _ = only(bench.send(request(method)))
    assert status(message) == code
    assert (message.value(b"allow") is not None) == (code == 405)


def test_a_destination_needs_an_ipv4_address_and_a_port() -> None:
    for wrong in ("localhost:5060", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", ""):
        with pytest.raises(ConfigurationError, match="address"):
            Destination(wrong)


def test_a_group_keeps_its_workers_in_order_and_only_once() -> None:
    one, two = Destination("127.0.0.1:1"), Destination("127.0.0.1:2")
    group = DestinationGroup(one)
    group.add(two)
    group.add(two)
    assert (list(group), len(group), two in group) == ([one, two], 2, True)
    group.worker_died(two)
    assert (list(group), two.alive) == ([one], False)
