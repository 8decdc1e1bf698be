"""The lanes of the fuzzer: each mutates one message of the corpus, in the state in which a peer would send it."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fake_daily_server.server import FakeDaily
from simulator.errors import CallEnded, CallRefused
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.timeline import Record
from simulator.useragent.sip_text import SipMessage
from tests.hostile.sip_fuzzer.mutator import mutated
from tests.hostile.sip_fuzzer.peer import Dialog, FuzzPeer, Place
from tests.hostile.sip_fuzzer.seeds import filled, seed

MESSAGES_PER_SECOND = 25
"""Of each lane, which is half of what the front door lets one worker set up."""
_MESSAGES_PER_DIALOG = 12
_REMEMBERED = 14
"""How many of the latest messages a report shows: about two of each lane."""


@dataclass
class Attack:
    """What all lanes attack, and what they have done to it."""

    daily: FakeDaily
    seed: int
    room_uri: str
    sent: Counter[str] = field(default_factory=Counter)
    """Number of messages by lane."""
    statuses: Counter[int] = field(default_factory=Counter)
    """Responses to calls that were not mutated, and whose worker may be busy with calls that were."""
    deaths: list[str] = field(default_factory=list)
    latest: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    @property
    def door(self) -> Place:
        host, _, port = self.daily.network.address.rpartition(":")
        return host, int(port)

    def watch(self, record: Record) -> None:
        """Take the deaths of workers from the timeline."""
        if record.kind == "worker" and "how" in record.fields:
            self.deaths.append(f"{record.fields['how']}\nThe latest messages, newest first:\n{self.shown()}")

    def shown(self) -> str:
        return "\n".join(reversed(self.latest))

    def check(self) -> None:
        """Fail when a worker has died."""
        assert not self.deaths, f"a worker died; seed {self.seed}\n{self.deaths[0]}"


class Lane:
    """Sends mutations of one message of the corpus; each lane has a phone, and so a worker, of its own."""

    def __init__(self, attack: Attack, name: str, peer: FuzzPeer, phone: Phone) -> None:
        self.attack, self.name, self.peer, self.phone = attack, name, peer, phone
        self.rng = random.Random(f"{attack.seed} {name}")
        self._template = seed(name)

    @property
    def worker(self) -> Place:
        """The address of the phone's worker."""
        for destination in self.phone.group:
            return destination.host, destination.port
        raise AssertionError(f"the phone of {self.name} has no worker")

    async def run(self, count: int) -> None:
        """Send so many messages, and see after each that the worker that has got it still answers."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self.attack.sent[self.name] < count:
            async for worker in self.burst(min(_MESSAGES_PER_DIALOG, count - self.attack.sent[self.name])):
                try:
                    await self.peer.ping(worker)
                except TimeoutError:
                    self.attack.check()
                    raise AssertionError(
                        f"the worker at {worker} does not answer; seed {self.attack.seed}\n{self.attack.shown()}"
                    ) from None
                self.attack.check()
                due += 1 / MESSAGES_PER_SECOND
                await asyncio.sleep(max(0.0, due - loop.time()))

    async def burst(self, count: int) -> AsyncIterator[Place]:
        """Send so many messages; yields after each the address of the worker that may have got it."""
        for _ in range(count):
            target = self.rng.choice((self.phone.uri, self.attack.room_uri))
            self.send(filled(self._template, **Dialog(self.peer, target).values()), self.attack.door)
            yield self.worker

    def send(self, data: bytes, to: Place) -> None:
        """Mutate a message, remember it, and send it."""
        changed = mutated(data, self.rng)
        self.attack.sent[self.name] += 1
        if (total := self.attack.sent.total()) % 1000 == 0:
            sys.stderr.write(f"{total} mutated messages, seed {self.attack.seed}\n")
        self.attack.latest.append(f"{self.name} {self.attack.sent[self.name]} to {to[0]}:{to[1]}: {changed!r}")
        self.peer.send(changed[:60_000], to)

    def message(self, **values: object) -> bytes:
        """The message of the corpus with these values."""
        return filled(self._template, **values)


class DialogLane(Lane):
    """Sends its messages within answered calls, of the phone and of a room in turn."""

    async def burst(self, count: int) -> AsyncIterator[Place]:
        dialog = await self._answered()
        assert dialog.worker is not None
        for _ in range(count):
            self.send(self.message(**dialog.values()), dialog.worker)
            yield dialog.worker
        status = await self.peer.hang_up(dialog)
        assert status in {200, 481}, f"BYE {status}; seed {self.attack.seed}\n{self.attack.shown()}"

    async def _answered(self) -> Dialog:
        """A call; when the worker is busy with calls that mutated messages have set up, one a little later."""
        async with asyncio.timeout(20):
            while True:
                target = self.rng.choice((self.phone.uri, self.attack.room_uri))
                dialog, status = await self.peer.call(target, self.attack.door)
                self.attack.statuses[status] += 1
                if status == 200:
                    return dialog
                self.attack.check()
                shown = f"{target} answers {status}; seed {self.attack.seed}\n{self.attack.shown()}"
                assert status in {486, 503}, shown
                await asyncio.sleep(0.2)


class AnswerLane(Lane):
    """Is called by the phone, and answers with its message."""

    async def burst(self, count: int) -> AsyncIterator[Place]:
        for _ in range(count):
            call = await self._dialled()
            invite, source = await self.peer.invited(call.sip_call_id, within=5)
            self.send(self.message(**_copied(invite, self.peer)), source)
            yield self.worker
            self.peer.answer(invite, "603 Decline", source)
            await self.peer.ping(self.worker)
            try:
                await call.hang_up()
            except CallEnded:
                continue  # it was refused with the 603
            await call.wait_for_end(within=10)

    async def _dialled(self) -> PhoneCall:
        """A call of the phone; when BYEs of earlier calls get no answer, as they went astray, one a little later."""
        refused: CallRefused | None = None
        for _ in range(100):
            try:
                return await self.phone.dial(f"sip:raw@{self.peer.address}")
            except CallRefused as error:
                refused = error
                await asyncio.sleep(0.2)
        calls = [(call.sip_call_id, call.state) for call in self.phone.calls]
        raise AssertionError(f"{refused} for 20 s; seed {self.attack.seed}\n{calls}\n{self.attack.shown()}")


def _copied(invite: SipMessage, peer: FuzzPeer) -> dict[str, object]:
    return {
        "via": "\nVia: ".join(value for name, value in invite.headers if name == "Via"),
        "from": invite.header("From"),
        "to": f"{invite.header('To')};tag=fuzz",
        "call_id": invite.header("Call-ID"),
        "cseq": (invite.header("CSeq") or "").partition(" ")[0],
        "peer": peer.address,
        "rtp": peer.rtp_port,
    }


LANES: dict[str, type[Lane]] = {
    "invite_offer": Lane,
    "options": Lane,
    "re_invite": DialogLane,
    "info_dtmf": DialogLane,
    "refer": DialogLane,
    "bye": DialogLane,
    "answer_200": AnswerLane,
}
"""The kind of lane of each message in the corpus."""


@asynccontextmanager
async def lanes(daily: FakeDaily, *, seed: int, host: str) -> AsyncIterator[tuple[Attack, list[Lane]]]:
    """All lanes, with a phone each, and a room that can be called."""
    sip = {"sip_mode": "dial-in", "display_name": "caller", "codecs": {"audio": ["PCMU"]}, "video": True}
    room = await daily.create_room(enable_dialout=True, sip=sip)
    await daily.join(room)
    attack = Attack(daily, seed, room.sip_uris[0])
    stop = daily.timeline.listen(attack.watch)
    made: list[Lane] = []
    peers = [FuzzPeer(host) for _ in LANES]
    try:
        for number, (name, kind) in enumerate(LANES.items()):
            phone = await daily.network.phone(f"+120655501{number:02}", name=name, refers="follow")
            made.append(kind(attack, name, await peers[number].__aenter__(), phone))
        yield attack, made
    finally:
        stop()
        for peer in peers[: len(made)]:
            await peer.__aexit__()
