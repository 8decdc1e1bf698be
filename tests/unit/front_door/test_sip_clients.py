"""SIP clients at the front door: where their calls go, how many they may have, and how these end."""

from __future__ import annotations

import pytest

from simulator.errors import NotRegistered
from simulator.front_door.sip_clients import CALLS_OF_BINDING
from simulator.registrar import Registrar
from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from tests.unit.front_door.proxy_bench import ProxyBench, only, request, response_to, status
from tests.unit.registrar.registering import PASSWORD, REALM, SOURCE, authorization, message

URI = f"sip:bench@{REALM}"
CONTACT = "sip:bench@192.0.2.9:40000"


def registered(bench: ProxyBench, source: Hop = SOURCE, *, contact: str = CONTACT, user: str = "bench") -> None:
    """Register a user agent of a client at the bench, over real messages."""
    if bench.clients.registrar is None:
        passwords = {"bench": PASSWORD, "other": PASSWORD}
        registrar = Registrar(REALM, passwords.get, hosts={"127.0.0.1"}, secret=b"secret")
        bench.clients.serve(registrar, now=lambda: bench.now, is_open=lambda: True)
    challenged, _ = only(bench.send(message(user=user), source))
    line = authorization((challenged.value(b"www-authenticate") or b"").decode(), user=user)
    answered, _ = only(bench.send(message(line, f"Contact: <{contact}>", user=user, cseq=2), source))
    assert status(answered) == 200


def called(bench: ProxyBench, number: int = 1) -> bytes:
    """Call the client from a worker; the INVITE that it gets."""
    bench.route = bench.clients.group_for(URI) or bench.group
    via = f"SIP/2.0/UDP 127.0.0.1:5980;branch=z9hG4bK-peer-{number}"
    ((data, _),) = bench.send(request(uri=URI, call_id=f"call-{number}", via=via))
    return data


def test_register_is_405_without_a_registrar() -> None:
    answered, _ = only(ProxyBench().send(message(), SOURCE))
    assert status(answered) == 405


def test_an_invite_has_the_contact_and_goes_where_the_register_came_from() -> None:
    bench = ProxyBench()
    registered(bench)
    bench.route = bench.clients.group_for(URI) or bench.group
    forwarded, hop = only(bench.send(request(uri=URI)))
    assert forwarded.start == f"INVITE {CONTACT} SIP/2.0".encode()
    assert hop == SOURCE
    assert forwarded.values(b"record-route") == [b"<sip:127.0.0.1:5060;lr>"]


def test_a_tcp_client_gets_a_route_for_each_transport() -> None:
    bench, flow = ProxyBench(), Hop("127.0.0.1", 51000, 7)
    registered(bench, flow)
    bench.route = bench.clients.group_for(URI) or bench.group
    forwarded, hop = only(bench.send(request(uri=URI)))
    assert hop == flow
    assert forwarded.values(b"record-route") == [b"<sip:127.0.0.1:5060;transport=tcp;lr>, <sip:127.0.0.1:5060;lr>"]


def test_the_user_agent_that_registered_last_is_called() -> None:
    bench, later = ProxyBench(), Hop("127.0.0.1", 40001)
    registered(bench)
    registered(bench, later, contact="sip:bench@192.0.2.9:40001")
    bench.route = bench.clients.group_for(URI) or bench.group
    assert only(bench.send(request(uri=URI)))[1] == later


def test_a_client_without_registration_is_480_and_others_are_no_clients() -> None:
    bench = ProxyBench()
    registered(bench)
    with pytest.raises(NotRegistered) as refused:
        bench.clients.group_for(f"sip:other@{REALM}")
    assert refused.value.status == 480
    for uri in (f"sip:nobody@{REALM}", "sip:bench@elsewhere.test", "tel:+15550001", ""):
        assert bench.clients.group_for(uri) is None


def test_a_client_that_is_silent_is_408() -> None:
    bench = ProxyBench()
    registered(bench)
    called(bench)
    refused, _ = only(bench.pass_time(2.0))
    assert status(refused) == 408
    assert b"SIP client" in refused.start


def test_a_client_has_a_limit_of_calls_and_a_slot_is_free_when_one_ends() -> None:
    bench = ProxyBench()
    registered(bench)
    for number in range(CALLS_OF_BINDING):
        bench.send(response_to(called(bench, number), 200), SOURCE)
        bench.now += 0.1
    full, _ = only([(called(bench, 100), SOURCE)])
    assert full.start.startswith(b"SIP/2.0 486")
    bench.proxy.caller_ended("call-3", bench.now)
    assert called(bench, 101).startswith(f"INVITE {CONTACT}".encode())


def test_a_call_in_the_name_of_a_client_is_challenged_unless_a_worker_has_sent_it() -> None:
    invite = message("Contact: <sip:x@127.0.0.1>", method="INVITE", uri="sip:+15550001@127.0.0.1:5060")
    for is_of_worker, begin in ((False, b"SIP/2.0 407"), (True, b"INVITE ")):
        bench = ProxyBench()
        bench.from_workers = is_of_worker
        registered(bench)
        ((sent, _),) = bench.send(invite, SOURCE)
        assert sent.startswith(begin)


def test_requests_to_a_calling_client_go_where_its_invite_came_from_and_its_proof_is_removed() -> None:
    bench = ProxyBench()
    registered(bench)
    uri = "sip:+15550001@127.0.0.1:5060"
    lines = (f"Contact: <{CONTACT}>", "Content-Type: application/sdp")
    first = message(*lines, method="INVITE", uri=uri, call_id="out")
    challenge = (only(bench.send(first, SOURCE))[0].value(b"proxy-authenticate") or b"").decode()
    proof = authorization(challenge, method="INVITE", uri=uri, name="Proxy-Authorization")
    second = message(proof, *lines, method="INVITE", uri=uri, call_id="out", cseq=2, branch="z9hG4bK2")
    ((forwarded, _),) = bench.send(second, SOURCE)
    assert b"Authorization" not in forwarded
    ((answer, _),) = bench.reply(forwarded, 200)
    bye = request(
        "BYE", CONTACT, via="SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bK-w", call_id="out", from_tag="worker", to_tag="a"
    )
    assert only(bench.send(bye, Hop("127.0.0.1", 6000)))[1] == SOURCE
    assert read(answer).value(b"record-route") is not None
