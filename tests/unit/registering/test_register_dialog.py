"""What a phone sends to a registrar, and what it makes of the answers; against our registrar and written responses."""

from __future__ import annotations

import pytest

from simulator.registering.challenge import Challenge
from simulator.registering.register_dialog import Account, Again, Refusal, RegisterDialog, Registered
from simulator.registrar import ExpiryLimits, Registrar, Reply
from simulator.sip_bytes import Message, read
from tests.unit.registrar.registering import PASSWORD, REALM, parsed, registrar

VIA = b"Via: SIP/2.0/UDP 127.0.0.1:40000;branch=z9hG4bK1"


def dialog(password: str = PASSWORD, phone: str = "phone-1") -> RegisterDialog:
    account = Account(f"sip:{REALM}", f"sip:bench@{REALM}", f"sip:{phone}@127.0.0.1:40000", "bench", password)
    return RegisterDialog(account)


def response(reply: Reply) -> Message:
    lines = [f"SIP/2.0 {reply.status} {reply.reason}", *(f"{name}: {value}" for name, value in reply.headers)]
    return read("\r\n".join([*lines, "", ""]).encode())


def written(status: str, *lines: str) -> Message:
    return read("\r\n".join([f"SIP/2.0 {status}", *lines, "", ""]).encode())


def exchange(where: Registrar, phone: RegisterDialog, now: float = 0) -> tuple[list[int], object]:
    """The statuses of one exchange, and its outcome."""
    statuses = []
    while True:
        reply = where.register(parsed(phone.request(VIA)), now)
        statuses.append(reply.status)
        outcome = phone.receive(response(reply))
        if not isinstance(outcome, Again):
            return statuses, outcome


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_it_registers_refreshes_and_unregisters(algorithm: str) -> None:
    where, phone = registrar(algorithm), dialog()  # type: ignore[arg-type]  # it is an Algorithm
    phone.begin(120)
    assert exchange(where, phone) == ([401, 200], Registered(120))
    phone.begin(120)
    assert exchange(where, phone, now=100) == ([200], Registered(120))
    phone.begin(120)
    assert exchange(where, phone, now=100 + 301) == ([401, 200], Registered(120))  # a new nonce
    assert len(where.bindings_of("bench", 401)) == 1
    phone.begin(0)
    assert exchange(where, phone, now=402) == ([200], Registered(0))
    assert where.bindings_of("bench", 402) == ()


def test_it_asks_for_as_much_as_the_registrar_demands() -> None:
    where, phone = registrar(expiry=ExpiryLimits(90, 300)), dialog()
    phone.begin(5)
    assert exchange(where, phone) == ([401, 423, 200], Registered(90))


def test_it_takes_what_the_registrar_grants() -> None:
    where, phone = registrar(expiry=ExpiryLimits(1, 300)), dialog()
    phone.begin(3600)
    assert exchange(where, phone) == ([401, 200], Registered(300))


def test_a_wrong_password_is_refused_once() -> None:
    phone = dialog("wrong-horse-1")
    phone.begin(120)
    statuses, outcome = exchange(registrar(), phone)
    assert statuses == [401, 403]
    assert outcome == Refusal(403, "Forbidden", "it refuses the username or the password")


def test_a_second_challenge_is_final_unless_the_nonce_was_stale() -> None:
    phone = dialog()
    phone.begin(60)
    phone.request(VIA)
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n"'
    assert phone.receive(written("401 Unauthorized", challenge)) == Again()
    assert b"Authorization: Digest " in phone.request(VIA)
    assert phone.receive(written("401 Unauthorized", f"{challenge}, stale=TRUE")) == Again()
    phone.request(VIA)
    wrong = Refusal(401, "Unauthorized", "the username or the password is wrong")
    assert phone.receive(written("401 Unauthorized", challenge)) == wrong


@pytest.mark.parametrize(
    "challenge", ['Basic realm="r"', 'Digest realm="r", nonce="n", algorithm=MD5-sess', "Digest r"]
)
def test_a_challenge_that_it_cannot_answer_is_named(challenge: str) -> None:
    phone = dialog()
    phone.begin(60)
    phone.request(VIA)
    outcome = phone.receive(written("401 Unauthorized", f"WWW-Authenticate: {challenge}"))
    assert isinstance(outcome, Refusal)
    assert "no digest challenge" in (outcome.because or "")


def test_a_registrar_that_always_demands_more_ends_the_exchange() -> None:
    phone = dialog()
    phone.begin(60)
    for least in (100, 200, 300):
        phone.request(VIA)
        assert phone.receive(written("423 Interval Too Brief", f"Min-Expires: {least}")) == Again()
    phone.request(VIA)
    assert phone.receive(written("423 Interval Too Brief", "Min-Expires: 400")) == Refusal(423, "Interval Too Brief")


def test_credentials_are_those_of_the_example_in_rfc_2617() -> None:
    """RFC 2617 §3.5 as far as it concerns digests; its user agent, like this one, answers qop=auth."""
    value = b'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    challenge = Challenge.first_usable([b"Basic x", value])
    assert challenge is not None
    answer = challenge.answer("GET", "/dir/index.html", "Mufasa", "Circle Of Life", count=1, cnonce="0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer


def test_the_password_is_in_no_text_of_an_account() -> None:
    assert PASSWORD not in repr(Account("sip:a", "sip:b@a", "sip:c@d", "b", PASSWORD))


def test_only_its_own_contact_says_how_long_it_is_registered() -> None:
    where = registrar(expiry=ExpiryLimits(1, 3600))
    first, second = dialog(), dialog(phone="phone-2")
    first.begin(1000)
    exchange(where, first)
    second.begin(50)
    assert exchange(where, second)[1] == Registered(50)
    assert [one.contact[4:11] for one in where.bindings_of("bench", 0)] == [b"phone-1", b"phone-2"]
