"""Which worker gets a call, how fast, and what frees its slot."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigurationError, LineBusy, NoRoute, UnknownNumber
from simulator.front_door import Destination, Group, Refusal
from simulator.front_door.wire import Hop
from simulator.sip_bytes import read
from tests.unit.front_door.bench import PEER, Bench, hop, only, request, response_to, status


def invite(number: int, **facts: object) -> bytes:
    via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-{number}"
    return request(via=via, call_id=f"call-{number}", **facts)  # type: ignore[arg-type]


def fill(bench: Bench, calls: int) -> list[bytes]:
    """Set up calls until none fits; each is answered 180."""
    passed = [bench.send(invite(number))[0][0] for number in range(calls)]
    for data in passed:
        bench.reply(data, 180, source=worker_of(bench, data))
    return passed


def worker_of(bench: Bench, passed: bytes) -> Hop:
    call_id = read(passed).value(b"call-id")
    for worker in bench.workers:
        if any(key[0].encode() == call_id for key in worker._calls):  # type: ignore[index]
            return hop(worker)
    return hop(bench.workers[0])


# --- the switch ---------------------------------------------------------------------------------------------


def test_the_switch_sees_the_invite() -> None:
    bench = Bench()
    bench.send(request(headers=("X-Account: 47", "s: caf\xe9")))
    [asked] = bench.asked
    assert asked.request_uri == "sip:+12065550142@127.0.0.1:5060"
    assert (asked.call_id, asked.source, asked.transport) == ("call-1", "127.0.0.1:5980", "UDP")
    assert (asked.header("x-account"), asked.header("Subject"), asked.header("X-None")) == ("47", "caf\xe9", None)
    assert ("x-account", "47") in asked.headers


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
def test_what_the_switch_raises_is_the_answer(error: Exception, code: int) -> None:
    bench = Bench()
    bench.way = error
    message, onward = only(bench.send(request()))
    assert (status(message), onward) == (code, PEER)
    assert bench.last("refused")["refused"] == code
    assert (message.value(b"retry-after") is not None) == (code == 503)


def test_a_refusal_is_repeated_to_a_retransmission_and_its_ack_swallowed() -> None:
    bench = Bench()
    bench.way = Refusal(404, "Not Found")
    first = bench.send(request())
    bench.way = bench.group
    assert bench.send(request()) == first
    to_tag = (read(first[0][0]).value(b"to") or b"").rpartition(b"tag=")[2].decode()
    assert to_tag.startswith("front-door-")
    assert bench.send(request("ACK", to_tag=to_tag)) == []
    assert not any("dropped" in record for record in bench.records)


# --- choosing -----------------------------------------------------------------------------------------------


def test_calls_spread_over_the_least_loaded_workers() -> None:
    bench = Bench(3)
    fill(bench, 9)
    assert [worker.busy for worker in bench.workers] == [3, 3, 3]


def test_everything_with_a_call_id_follows_its_invite() -> None:
    bench = Bench(4)
    first = bench.send(request())[0]
    bench.send(response_to(first[0], 200), first[1])
    fill_more = [bench.send(invite(number))[0] for number in range(5, 9)]
    assert {onward for _, onward in fill_more} != {first[1]}
    for method in ("ACK", "INFO", "INVITE", "UPDATE", "OPTIONS", "REFER", "BYE"):
        data = request(method, to_tag="worker", cseq=2, via=f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK{method}")
        _, onward = only(bench.send(data))
        assert onward == first[1], method


def test_a_second_try_after_a_refusal_prefers_the_same_worker() -> None:
    bench = Bench(4)
    fill(bench, 2)
    passed, first = bench.send(invite(50))[0]
    bench.send(response_to(passed, 401), first)
    retry = request(via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-retry", call_id="call-50", cseq=2)
    _, onward = only(bench.send(retry))
    assert onward == first


def test_an_unknown_call_with_a_to_tag_is_481() -> None:
    for method in ("INVITE", "BYE", "INFO", "OPTIONS", "CANCEL"):
        message, _ = only(Bench().send(request(method, to_tag="gone")))
        assert status(message) == 481, method


def test_the_same_invite_on_another_path_is_482() -> None:
    bench = Bench()
    bench.send(request())
    message, _ = only(bench.send(request(via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-other")))
    assert status(message) == 482


def test_another_invite_in_a_live_call_is_paced_and_needs_a_slot() -> None:
    bench = Bench()
    answers = []
    for number in range(1, 7):
        via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-{number}"
        answers.append(only(bench.send(request(via=via, cseq=number))))
    assert [onward.port for _, onward in answers] == [6000] * 4 + [PEER.port] * 2
    assert status(answers[-1][0]) == 503


# --- pacing -------------------------------------------------------------------------------------------------


def test_a_worker_gets_25_set_ups_in_any_500_ms() -> None:
    bench = Bench()
    placed: list[float] = []
    for number in range(200):
        out = bench.send(invite(number))
        out += bench.pass_time(0.01)
        for data, onward in out:
            if onward.port == 6000 and data.startswith(b"INVITE"):
                placed.append(bench.now)
                bench.reply(data, 486)
    assert len(placed) > 75
    for earlier, later in zip(placed, placed[25:], strict=False):
        assert later - earlier >= 0.5 - 1e-6


def test_dialled_calls_take_slots_and_tokens_too() -> None:
    bench = Bench()
    [worker] = bench.workers
    for number in range(4):
        bench.group.opened(worker, f"out-{number}")
    bench.group.opened(worker, "out-0")
    assert worker.busy == 4
    assert status(only(bench.send(request()))[0]) == 100
    bench.group.closed(worker, "out-0")
    assert bench.woken == 1
    [(data, onward)] = bench.core.tick(bench.now)
    assert data.startswith(b"INVITE")
    assert onward == hop(worker)
    for number in range(20):
        bench.group.closed(worker, f"x-{number}")
        bench.group.opened(worker, f"y-{number}")
        bench.group.closed(worker, f"y-{number}")
    assert worker.next_token(bench.now) > bench.now


def test_a_call_without_a_slot_waits_400_ms_and_is_then_refused_with_retry_after() -> None:
    bench = Bench()
    fill(bench, 4)
    trying, _ = only(bench.send(invite(9)))
    assert status(trying) == 100
    assert b";tag=" not in (trying.value(b"to") or b"")
    assert bench.send(invite(9)) == []
    assert bench.pass_time(0.399) == []
    message, onward = only(bench.pass_time(0.002))
    assert (status(message), onward) == (503, PEER)
    assert message.value(b"retry-after") == b"1"


def test_waiting_calls_go_in_their_order_when_slots_come_free() -> None:
    bench = Bench()
    passed = fill(bench, 4)
    bench.send(invite(11))
    bench.send(invite(12))
    answer, freed = bench.reply(passed[0], 486)
    assert answer[0].startswith(b"SIP/2.0 486")
    assert read(freed[0]).value(b"call-id") == b"call-11"
    freed = bench.core.ended("call-1", bench.now)[0]
    assert read(freed[0]).value(b"call-id") == b"call-12"


def test_a_cancel_takes_a_waiting_call_back() -> None:
    bench = Bench()
    passed = fill(bench, 4)
    bench.send(invite(9))
    cancel = request("CANCEL", via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-9", call_id="call-9")
    answers = bench.send(cancel)
    assert [data.split(b" ")[1] for data, _ in answers] == [b"200", b"487"]
    assert [data.split(b" ")[1] for data, _ in bench.reply(passed[0], 486)] == [b"486"]


def test_a_full_telephone_is_busy_at_once() -> None:
    bench = Bench(when_full=Refusal(486, "Busy Here"))
    fill(bench, 4)
    assert status(only(bench.send(invite(9)))[0]) == 486


def test_a_group_may_grow_while_a_call_waits() -> None:
    async def grow() -> None: ...

    bench = Bench(0, grow=grow)
    assert status(only(bench.send(request()))[0]) == 100
    assert bench.grown == [bench.group]
    bench.group.add(Destination("127.0.0.1:6000"))
    assert bench.woken == 1
    [(data, onward)] = bench.core.tick(bench.now)
    assert (data[:6], onward.port) == (b"INVITE", 6000)


def test_a_removed_worker_gets_no_new_calls_but_keeps_its_own() -> None:
    bench = Bench(2)
    first = bench.send(request())[0]
    bench.send(response_to(first[0], 200), first[1])
    bench.group.remove(bench.workers[0])
    assert {bench.send(invite(number))[0][1].port for number in (5, 6, 7)} == {6001}
    _, onward = only(bench.send(request("INFO", to_tag="worker", cseq=2)))
    assert onward == first[1]


# --- slots --------------------------------------------------------------------------------------------------


def test_a_refusal_on_its_way_back_frees_the_slot() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    assert bench.workers[0].busy == 1
    bench.reply(passed, 183)
    assert bench.workers[0].busy == 1
    bench.reply(passed, 500)
    assert bench.workers[0].busy == 0


def test_the_end_of_a_call_frees_the_slot_once() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    bench.reply(passed, 200)
    assert bench.workers[0].busy == 1
    bench.core.ended("call-1", bench.now, Destination("127.0.0.1:9"))
    assert bench.workers[0].busy == 1
    bench.core.ended("call-1", bench.now, bench.workers[0])
    bench.core.ended("call-1", bench.now)
    bench.core.ended("never-seen", bench.now)
    assert bench.workers[0].busy == 0


def test_an_answered_bye_frees_the_slot() -> None:
    bench = Bench()
    bench.reply(bench.send(request())[0][0], 200)
    bye = bench.send(request("BYE", to_tag="worker", cseq=2, via="SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bKb"))[0][0]
    assert bench.workers[0].busy == 1
    bench.reply(bye, 200)
    assert bench.workers[0].busy == 0


def test_a_worker_that_says_nothing_for_2_s_has_dropped_the_invite() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    assert bench.pass_time(1.99) == []
    message, _ = only(bench.pass_time(0.02))
    assert status(message) == 408
    assert bench.workers[0].busy == 0
    [late] = bench.reply(passed, 180)
    assert late[0].startswith(b"CANCEL ")
    assert late[1] == hop(bench.workers[0])
    [ack] = bench.reply(passed, 487)
    assert ack[0].startswith(b"ACK ")
    assert read(ack[0]).value(b"via") == read(passed).values(b"via")[0]


def test_a_late_answer_to_a_call_that_was_given_up_is_hung_up() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    bench.pass_time(2.1)
    ack, bye = bench.reply(passed, 200)
    assert ack[0].startswith(b"ACK sip:127.0.0.1:6000 SIP/2.0\r\n")
    assert bye[0].startswith(b"BYE sip:127.0.0.1:6000 SIP/2.0\r\n")
    assert read(bye[0]).value(b"to") == b"<sip:+12065550142@127.0.0.1>;tag=worker"
    assert bench.send(response_to(bye[0], 200), hop(bench.workers[0])) == []


def test_any_response_in_time_keeps_the_call() -> None:
    bench = Bench()
    bench.reply(bench.send(request())[0][0], 100)
    assert bench.pass_time(30) == []
    assert bench.workers[0].busy == 1


def test_an_ended_call_is_remembered_for_5_s() -> None:
    bench = Bench()
    passed = bench.send(request())[0][0]
    bench.reply(passed, 486)
    bench.pass_time(4.9)
    assert only(bench.send(request("ACK", to_tag="worker")))[1] == hop(bench.workers[0])
    bench.pass_time(0.2)
    assert bench.send(request("ACK", to_tag="worker")) == []
    assert bench.last("dropped")["dropped"] == "ACK of an unknown call"
    assert bench.core.next_deadline(bench.now) is not None
    bench.pass_time(5)
    assert bench.core.next_deadline(bench.now) is None


# --- out of dialog ------------------------------------------------------------------------------------------


def test_options_is_answered_at_the_door() -> None:
    message, onward = only(Bench(0).send(request("OPTIONS")))
    assert (status(message), onward) == (200, PEER)
    assert b"INVITE" in (message.value(b"allow") or b"")


@pytest.mark.parametrize(
    ("method", "code"), [("REGISTER", 405), ("MESSAGE", 405), ("SUBSCRIBE", 405), ("NEWMETHOD", 405), ("BYE", 481)]
)
def test_other_methods_out_of_dialog(method: str, code: int) -> None:
    bench = Bench()
    message, _ = only(bench.send(request(method)))
    assert status(message) == code
    assert (message.value(b"allow") is not None) == (code == 405)


def test_a_destination_needs_an_address() -> None:
    for wrong in ("localhost:5060", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", ""):
        with pytest.raises(ConfigurationError, match="address"):
            Destination(wrong)


def test_a_group_is_an_ordered_set() -> None:
    one, two = Destination("127.0.0.1:1"), Destination("127.0.0.1:2")
    group = Group(one)
    group.add(two)
    group.add(two)
    assert (list(group), len(group), two in group) == ([one, two], 2, True)
    group.lost(two)
    assert (list(group), two.alive) == ([one], False)
