"""Which INVITEs to guarded hosts go on, without sockets: by address, by password, by both, as the clock passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.front_door.final_responses import FinalResponse
from simulator.front_door.guarded_hosts import MOST_ADMITTED, Guard, GuardedHosts
from simulator.registrar.digest import Algorithm
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import Request
from tests.unit.registrar.registering import PASSWORD, authorization, message, parsed

HOST = "sandbox-support.siptrunk.localhost"
URI = f"sip:+15550002@{HOST}"
CLOSED = FinalResponse(403, "Forbidden", because="the SIP trunk is disabled")


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def hosts(guard: Guard | FinalResponse, clock: Callable[[], float] = float, *algorithms: Algorithm) -> GuardedHosts:
    """Hosts of which only `HOST` is guarded."""
    guarded = GuardedHosts()
    guarded.serve(lambda host: guard if host == HOST else None, now=clock, algorithms=algorithms or ("MD5",))
    return guarded


def invite(*lines: str, uri: str = URI, source: str = "127.0.0.1", cseq: int = 1) -> Request:
    """An INVITE with these additional header lines."""
    contact = f"Contact: <sip:carrier@{source}:40000>"
    return parsed(message(contact, *lines, method="INVITE", uri=uri, to=uri, cseq=cseq), Hop(source, 40000))


def proof(challenge: FinalResponse, *, password: str = PASSWORD, user: str = "carrier", count: int = 1) -> str:
    """The header line that answers a challenge."""
    assert challenge.status == 407, challenge
    value = challenge.headers[0][1]
    return authorization(
        value, password=password, user=user, method="INVITE", uri=URI, count=count, name="Proxy-Authorization"
    )


def status(final: FinalResponse | None) -> int | None:
    return None if final is None else final.status


WITH_PASSWORD = Guard(credential=("carrier", PASSWORD))


def test_without_guards_every_call_goes_on() -> None:
    assert not GuardedHosts().is_guarded(invite())
    assert GuardedHosts().screen_call(invite()) is None


def test_only_calls_to_guarded_hosts_are_screened() -> None:
    guarded = hosts(CLOSED)
    assert guarded.screen_call(invite()) is CLOSED
    assert guarded.is_guarded(invite(uri=URI.upper().replace("SIP:", "sip:")))
    assert not guarded.is_guarded(invite(uri="sip:+15550002@127.0.0.1"))


def test_an_address_that_is_not_admitted_is_403_with_its_reason() -> None:
    guarded = hosts(Guard(admits_address=lambda host: host == "127.0.0.2"))
    assert guarded.screen_call(invite(source="127.0.0.2")) is None
    refusal = guarded.screen_call(invite())
    assert refusal is not None
    assert (refusal.status, refusal.because) == (403, "calls may not come from 127.0.0.1")


def test_the_realm_is_the_host_and_the_proof_is_removed() -> None:
    guarded = hosts(WITH_PASSWORD)
    challenge = guarded.screen_call(invite())
    assert challenge is not None
    assert f'realm="{HOST}"' in challenge.headers[0][1]
    proven = invite(proof(challenge), cseq=2)
    assert guarded.screen_call(proven) is None
    assert proven.message.value(b"proxy-authorization") is None


@pytest.mark.parametrize(("user", "password"), [("carrier", "wrong-horse-1"), ("another", PASSWORD)])
def test_a_wrong_password_or_name_is_403(user: str, password: str) -> None:
    guarded = hosts(WITH_PASSWORD)
    challenge = guarded.screen_call(invite())
    assert challenge is not None
    assert status(guarded.screen_call(invite(proof(challenge, user=user, password=password), cseq=2))) == 403


def test_each_algorithm_has_a_challenge_and_either_is_accepted() -> None:
    guarded = hosts(WITH_PASSWORD, float, "SHA-256", "MD5")
    challenge = guarded.screen_call(invite())
    assert challenge is not None
    assert [("SHA-256" in value, "MD5" in value) for _, value in challenge.headers] == [(True, False), (False, True)]
    assert guarded.screen_call(invite(proof(challenge), cseq=2)) is None


def test_a_proof_is_good_once_and_for_its_retransmissions() -> None:
    guarded = hosts(WITH_PASSWORD)
    challenge = guarded.screen_call(invite())
    assert challenge is not None
    line = proof(challenge)
    assert guarded.screen_call(invite(line, cseq=2)) is None
    assert guarded.screen_call(invite(line, cseq=2)) is None
    assert status(guarded.screen_call(invite(line, cseq=3))) == 407
    assert guarded.screen_call(invite(proof(challenge, count=2), cseq=3)) is None


def test_a_challenge_is_stale_after_300_s() -> None:
    clock = Clock()
    guarded = hosts(WITH_PASSWORD, clock)
    challenge = guarded.screen_call(invite())
    assert challenge is not None
    clock.now = 301
    stale = guarded.screen_call(invite(proof(challenge), cseq=2))
    assert stale is not None
    assert (stale.status, "stale=true" in stale.headers[0][1]) == (407, True)


def test_admitted_calls_are_remembered_by_host_and_the_oldest_forgotten() -> None:
    guarded = hosts(Guard())
    first = invite()
    assert not guarded.has_admitted(first.call_id, HOST)
    assert guarded.screen_call(first) is None
    assert guarded.has_admitted(first.call_id, HOST.upper())
    assert not guarded.has_admitted(first.call_id, "other.localhost")
    for number in range(MOST_ADMITTED):
        later = invite()
        later.call_id = str(number)
        guarded.screen_call(later)
    assert not guarded.has_admitted(first.call_id, HOST)
    assert guarded.has_admitted("0", HOST)


def test_a_refused_call_is_not_admitted() -> None:
    guarded = hosts(CLOSED)
    request = invite()
    guarded.screen_call(request)
    assert not guarded.has_admitted(request.call_id, HOST)


def test_a_guard_shows_no_password() -> None:
    assert PASSWORD not in repr(WITH_PASSWORD)
