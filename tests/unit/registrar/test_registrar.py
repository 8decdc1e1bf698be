"""The registrar: REGISTER in every form (RFC 3261 §10), by a clock that the tests set."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.registrar import ExpiryLimits
from simulator.registrar.bindings import MOST_BINDINGS
from simulator.registrar.nonces import LIFETIME, MOST_USED, Nonces
from simulator.sip_requests.hop import Hop
from tests.unit.registrar.registering import (
    CONTACT,
    PASSWORD,
    REALM,
    SOURCE,
    authorization,
    challenge_of,
    contacts,
    message,
    parsed,
    registered,
    registrar,
)


def test_a_client_registers_and_is_known_where_its_request_came_from() -> None:
    where = registrar()
    reply = registered(where, CONTACT, "Expires: 600")
    assert contacts(reply) == ["<sip:bench@192.0.2.9:40000>;expires=600"]
    assert reply.record == {"action": "registers", "client": "bench", "expires_s": 600}
    (binding,) = where.bindings_of("bench", 1)
    assert (binding.contact, binding.source) == (b"sip:bench@192.0.2.9:40000", SOURCE)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_the_challenge_has_the_algorithm_that_is_set(algorithm: str) -> None:
    where = registrar(algorithm)  # type: ignore[arg-type]
    assert f"algorithm={algorithm}" in challenge_of(where.register(parsed(message()), 0))
    assert registered(where, CONTACT).status == 200


def test_each_algorithm_has_its_own_challenge_with_the_same_nonce() -> None:
    reply = registrar("SHA-256", "MD5").register(parsed(message()), 0)
    assert [name for name, _ in reply.headers] == ["WWW-Authenticate"] * 2
    nonces = {value.split('nonce="')[1].split('"')[0] for _, value in reply.headers}
    assert len(nonces) == 1
    assert reply.record == {}


@pytest.mark.parametrize(
    ("user", "given", "because"),
    [
        ("bench", {"password": "wrong-horse-1"}, "the password is wrong"),
        ("nobody", {"user": "nobody"}, "there is no such client"),
        ("bench", {"user": "other"}, "the credentials are those of another client"),
    ],
)
def test_who_is_not_the_client_gets_403(user: str, given: dict[str, Any], because: str) -> None:
    where = registrar(users=("bench", "other"))
    challenge = challenge_of(where.register(parsed(message(user=user)), 0))
    reply = where.register(parsed(message(authorization(challenge, **given), CONTACT, user=user)), 0)
    assert (reply.status, reply.record["because"]) == (403, because)
    assert PASSWORD not in str(reply)
    assert where.bindings_of("bench", 0) == ()


@pytest.mark.parametrize(
    ("lines", "granted"),
    [
        ((f"{CONTACT};expires=300",), 300),
        ((f"{CONTACT};expires=300", "Expires: 900"), 300),
        ((CONTACT, "Expires: 900"), 900),
        ((CONTACT,), 3600),
        ((CONTACT, "Expires: 86400"), 3600),
        ((CONTACT, "Expires: soon"), 3600),
        ((CONTACT, "Expires: 99999999999999999999"), 3600),
    ],
)
def test_the_expiry_that_is_granted(lines: tuple[str, ...], granted: int) -> None:
    assert contacts(registered(registrar(), *lines)) == [f"<sip:bench@192.0.2.9:40000>;expires={granted}"]


def test_too_short_an_expiry_is_423_with_the_least() -> None:
    where = registrar(expiry=ExpiryLimits(60, 3600))
    reply = registered(where, CONTACT, "Expires: 59")
    assert (reply.status, reply.headers) == (423, (("Min-Expires", "60"),))
    assert where.bindings_of("bench", 0) == ()


def test_a_binding_ends_when_it_expires_and_lasts_when_it_is_refreshed() -> None:
    where = registrar()
    registered(where, CONTACT, "Expires: 60", now=0)
    registered(where, CONTACT, "Expires: 60", now=50, cseq=3)
    assert len(where.bindings_of("bench", 109.9)) == 1
    assert where.bindings_of("bench", 110) == ()


@pytest.mark.parametrize("lines", [(f"{CONTACT};expires=0",), (CONTACT, "Expires: 0"), ("Contact: *", "Expires: 0")])
def test_a_client_unregisters(lines: tuple[str, ...]) -> None:
    where = registrar()
    registered(where, CONTACT)
    reply = registered(where, *lines, cseq=3)
    assert contacts(reply) == []
    assert reply.record == {"action": "unregisters", "client": "bench"}
    assert where.bindings_of("bench", 0) == ()


@pytest.mark.parametrize(
    "lines", [("Contact: *",), ("Contact: *", "Expires: 60"), ("Contact: *", CONTACT, "Expires: 0")]
)
def test_a_star_needs_expires_0_and_stands_alone(lines: tuple[str, ...]) -> None:
    where = registrar()
    registered(where, CONTACT)
    assert registered(where, *lines, cseq=3).status == 400
    assert len(where.bindings_of("bench", 0)) == 1


def test_a_query_lists_the_bindings_and_leaves_no_record() -> None:
    where = registrar()
    registered(where, CONTACT, "Expires: 600", now=0)
    reply = registered(where, now=100, cseq=3)
    assert contacts(reply) == ["<sip:bench@192.0.2.9:40000>;expires=500"]
    assert reply.record == {}


def test_several_contacts_are_bound_and_the_latest_is_last() -> None:
    where = registrar()
    registered(where, "Contact: <sip:a@192.0.2.9>, <sip:b@192.0.2.9>")
    registered(where, "Contact: <sip:a@192.0.2.9>", cseq=3)
    assert [one.contact for one in where.bindings_of("bench", 0)] == [b"sip:b@192.0.2.9", b"sip:a@192.0.2.9"]


def test_the_same_instance_replaces_its_binding() -> None:
    where = registrar()
    instance = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    registered(where, f"{CONTACT}{instance}")
    registered(where, f"Contact: <sip:bench@192.0.2.9:41000>{instance}", call_id="restarted")
    assert [one.contact for one in where.bindings_of("bench", 0)] == [b"sip:bench@192.0.2.9:41000"]


def test_more_contacts_than_the_limit_are_refused_all_together() -> None:
    where = registrar()
    for number in range(MOST_BINDINGS - 1):
        assert registered(where, f"Contact: <sip:{number}@192.0.2.9>", cseq=2 + number).status == 200
    reply = registered(where, "Contact: <sip:x@192.0.2.9>, <sip:y@192.0.2.9>", cseq=50)
    assert reply.status == 403
    assert len(where.bindings_of("bench", 0)) == MOST_BINDINGS - 1


@pytest.mark.parametrize(
    "contact",
    ["<tel:+15550001>", "<sip:>", "", "<sip:a@b", f"<sip:{'a' * 600}@192.0.2.9>", "<sip:a b@c>", '"'],
)
def test_a_contact_that_cannot_be_called_is_400(contact: str) -> None:
    assert registered(registrar(), f"Contact: {contact}").status == 400


def test_a_request_that_was_overtaken_is_refused() -> None:
    where = registrar()
    registered(where, CONTACT, cseq=9)
    assert registered(where, f"{CONTACT};expires=0", cseq=8).status == 500
    assert registered(where, f"{CONTACT};expires=0", cseq=8, call_id="another").status == 200


def test_a_retransmission_gets_the_same_answer() -> None:
    where = registrar()
    answer = authorization(challenge_of(where.register(parsed(message()), 0)))
    again = parsed(message(answer, CONTACT, cseq=2))
    assert where.register(again, 0) == where.register(again, 0)
    assert where.register(parsed(message(answer, CONTACT, cseq=3)), 0).status == 401


def test_a_nonce_serves_again_with_a_higher_count_until_it_is_stale() -> None:
    where = registrar()
    challenge = challenge_of(where.register(parsed(message()), 0))
    for count, now, status in ((1, 0, 200), (2, LIFETIME, 200), (3, LIFETIME + 1, 401)):
        line = authorization(challenge, count=count)
        reply = where.register(parsed(message(line, CONTACT, cseq=1 + count)), now)
        assert reply.status == status
    assert "stale=true" in challenge_of(reply)


def test_a_wrong_password_with_a_stale_nonce_is_403_all_the_same() -> None:
    where = registrar()
    challenge = challenge_of(where.register(parsed(message()), 0))
    line = authorization(challenge, password="wrong-horse-1")
    assert where.register(parsed(message(line, CONTACT)), LIFETIME + 1).status == 403


def test_a_nonce_of_another_server_is_stale() -> None:
    where = registrar()
    foreign = f'Digest realm="{REALM}", nonce="0.1.00", algorithm=MD5, qop="auth"'
    reply = where.register(parsed(message(authorization(foreign), CONTACT)), 0)
    assert "stale=true" in challenge_of(reply)


def test_used_nonces_beyond_the_limit_become_stale() -> None:
    nonces = Nonces(b"secret")
    first = nonces.issue(0)
    assert nonces.use(first, 1, ("a", 1), 0)
    for number in range(MOST_USED):
        assert nonces.use(nonces.issue(0), 1, ("b", number), 0)
    assert not nonces.use(first, 2, ("a", 2), 0)


@pytest.mark.parametrize(
    ("lines", "about", "status"),
    [
        (("Require: path",), {}, 420),
        ((), {"host": "other.test"}, 404),
        ((), {"to": "tel:+15550001"}, 404),
        (("Authorization: Digest nothing",), {}, 400),
        (("Authorization: Basic bWU6bWU=",), {}, 400),
        (('Authorization: Digest username="bench", realm="elsewhere", nonce="", uri="", response=""',), {}, 401),
    ],
)
def test_other_refusals(lines: tuple[str, ...], about: dict[str, Any], status: int) -> None:
    assert registrar().register(parsed(message(*lines, CONTACT, **about)), 0).status == status


def test_a_dropped_client_is_nowhere() -> None:
    where = registrar()
    registered(where, CONTACT)
    where.drop("bench")
    assert where.bindings_of("bench", 0) == ()


def test_a_call_in_the_name_of_a_client_needs_its_password() -> None:
    where = registrar()
    invite: dict[str, Any] = {"method": "INVITE", "uri": "sip:+15550001@127.0.0.1:5060", "call_id": "call"}
    first = parsed(message(**invite))
    assert where.caller_of(first) == "bench"
    challenge = where.screen_call(first, "bench", 0)
    assert challenge is not None
    assert challenge.headers[0][0] == "Proxy-Authenticate"
    line = authorization(challenge_of(challenge), method="INVITE", uri=invite["uri"], name="Proxy-Authorization")
    assert where.screen_call(parsed(message(line, cseq=2, **invite)), "bench", 0) is None
    assert where.caller_of(parsed(message(user="stranger", **invite))) is None


def test_the_flow_of_a_tcp_client_is_its_connection() -> None:
    where = registrar()
    challenge = challenge_of(where.register(parsed(message()), 0))
    over_tcp = Hop("127.0.0.1", 51000, 7)
    where.register(parsed(message(authorization(challenge), CONTACT, cseq=2), over_tcp), 0)
    assert where.bindings_of("bench", 0)[0].source == over_tcp
    where.drop_connection(8)
    assert len(where.bindings_of("bench", 0)) == 1
    where.drop_connection(7)
    assert where.bindings_of("bench", 0) == ()
