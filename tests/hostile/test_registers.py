"""Mutated REGISTERs and a flood of wrong passwords: each gets its answer, a good client goes on, nothing grows."""

from __future__ import annotations

import random
import re
import tracemalloc
from collections import Counter

from simulator.registrar import Registrar
from simulator.registrar.bindings import MOST_BINDINGS
from simulator.sip_requests.hop import Hop
from tests.hostile.profile import chosen, random_seed
from tests.hostile.sip_fuzzer.mutator import mutated
from tests.unit.front_door.proxy_bench import ProxyBench
from tests.unit.registrar.registering import CONTACT, PASSWORD, REALM, SOURCE, authorization, message

MUTATED = chosen(short=600, long=20_000)
FLOOD = chosen(short=1200, long=50_000)
USUAL = {200, 400, 401, 403, 404, 405, 407, 408, 416, 420, 423, 481, 483, 500, 505, 513}
"""What a mutated REGISTER, which may have become another request, is answered with."""


class Door:
    """A front door without sockets whose only client is `bench`."""

    def __init__(self) -> None:
        self.bench = ProxyBench()
        registrar = Registrar(REALM, {"bench": PASSWORD}.get, hosts={"127.0.0.1"}, secret=b"secret")
        self.registrar = registrar
        self.bench.clients.serve(registrar, now=lambda: self.bench.now, is_open=lambda: True)
        self.cseq = 0

    def answers(self, data: bytes, source: Hop = SOURCE) -> list[int]:
        """The statuses of the responses to a message."""
        out = [sent for sent, _ in self.bench.send(data, source) if sent.startswith(b"SIP/2.0 ")]
        return [int(sent.split()[1]) for sent in out]

    def signed(self, *lines: str, password: str = PASSWORD, call_id: str = "reg") -> bytes:
        """A REGISTER that answers a fresh challenge."""
        self.cseq += 2
        ((challenged, _),) = self.bench.send(message(cseq=self.cseq, branch=f"z9hG4bK{self.cseq}"), SOURCE)
        value = re.search(rb"WWW-Authenticate: ([^\r]*)", challenged)
        assert value is not None
        line = authorization(value[1].decode(), password=password)
        return message(line, *lines, call_id=call_id, cseq=self.cseq + 1, branch=f"z9hG4bK{self.cseq + 1}")


def test_mutated_registers_are_answered_and_a_good_one_works() -> None:
    rng = random.Random(random_seed())
    door, statuses = Door(), Counter[int]()
    instance = f'{CONTACT};expires=600;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    for _ in range(MUTATED):
        found = door.answers(mutated(door.signed(instance, "Expires: 600", "Supported: path, outbound"), rng))
        statuses.update(found)
    assert set(statuses) <= USUAL
    assert statuses[200] > MUTATED / 20
    assert statuses[400] > MUTATED / 20
    assert len(door.registrar.bindings_of("bench", door.bench.now)) <= MOST_BINDINGS
    for lines in (("Contact: *", "Expires: 0"), (CONTACT,)):
        assert door.answers(door.signed(*lines, call_id="good")) == [200]
    assert len(door.registrar.bindings_of("bench", door.bench.now)) == 1


def test_a_flood_of_wrong_passwords_leaves_few_records_and_no_memory() -> None:
    door = Door()
    assert door.answers(door.signed(CONTACT)) == [200]
    for number in range(200):
        assert door.answers(door.signed(CONTACT, password=f"wrong-{number}")) == [403]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(FLOOD):
        assert door.answers(door.signed(CONTACT, password=f"wrong-{number}")) == [403]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000
    refused = [record for record in door.bench.records if record.get("action") == "refused"]
    assert [record["count"] for record in refused][:4] == [1, 10, 100, 1000]
    assert len(refused) < 8
    assert len(door.registrar.bindings_of("bench", door.bench.now)) == 1
