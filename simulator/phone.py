"""A simulated phone: its number or SIP URI, how it takes calls, and the user agents that it uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from simulator.dial_target import DialTarget
from simulator.errors import ConfigurationError, ExpectationFailed, LineBusy, WorkerCrashed
from simulator.front_door import DestinationGroup, FrontDoor
from simulator.header_fields import header_fields
from simulator.leased_worker import LeasedWorker
from simulator.made_at import made_at
from simulator.network_audio import NetworkAudio
from simulator.numbers import SipAddress
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone_call import PhoneCall
from simulator.phone_spec import CallPlan, PhoneSpec
from simulator.phone_workers import PhoneWorkers
from simulator.relay import Direction, Faults, PhoneImpairment, Relay
from simulator.replacing import replaces_values
from simulator.test_numbers import TestNumber
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.call_handle import HeaderPairs
from simulator.useragent.handle import Call, UserAgent
from simulator.video.preferences import VideoPreferences
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.personas.persona import BoundPersona

_REPLACEMENT_TIMEOUT = 5.0
"""Seconds that a call waits for the worker that replaces a dead one."""
MOST_ENDED_CALLS = 50
"""Number of ended calls that a phone keeps."""
_SHOWN = 12
"""Number of the latest records in the text of an error."""


class PhoneNetwork(Protocol):
    """The members of `Network` that a phone uses."""

    owner_loop: OwnerLoop
    timeline: Timeline
    front_door: FrontDoor
    relay: Relay | None
    audio: NetworkAudio

    @property
    def address(self) -> str:
        """`host:port` of the network's SIP address."""

    async def reach(self, target: str) -> DialTarget:
        """Determine where the INVITE for a number or SIP URI goes, and look up its host."""

    async def remove(self, phone: Phone) -> None:
        """End the calls of a phone and remove it."""

    def why_not_called(self, phone: Phone) -> str | None:
        """The reason why nobody has called a phone, if one is known."""

    def give_workers(self, phone: Phone, count: int) -> None:
        """Give a phone so many workers more, in the background."""


@dataclass(eq=False, slots=True)
class _Dialling:
    """A call that is being dialled."""

    call: PhoneCall | None = None
    """The call once the INVITE has been sent; it is in `calls` then."""


class Phone:
    """A phone of a `Network`, made by `Network.phone`. Its methods can be awaited from any loop."""

    def __init__(
        self, network: PhoneNetwork, spec: PhoneSpec, number_in_network: int, persona: BoundPersona | None = None
    ) -> None:
        self.owner_loop: OwnerLoop = network.owner_loop
        self.spec: PhoneSpec = spec
        self._persona = persona
        self.test_number: TestNumber | None = None
        """The test number that it was made for; None for a phone that was created by a test."""
        self.made_at: str | None = made_at()
        """The line of the test that made it, as `path:line`; None if that is not known."""
        self.id: str = f"phone-{number_in_network}"
        self.name: str = spec.name or spec.number or spec.uri or self.id
        self.number: str | None = spec.number
        self.uri: str = spec.uri or f"sip:{spec.number or self.id}@{network.address}"
        """SIP URI of the phone. Any SIP peer on this machine can dial it through the network's address."""
        self.where = SipAddress.parse(self.uri)
        """`uri`, parsed."""
        self.registered_as: str | None = None
        """The SIP address that it registers, and calls from; None for a phone that does not register."""
        self.calls: list[PhoneCall] = []
        """Its calls, oldest first: all that have not ended, and the latest 50 that have."""
        self.workers = PhoneWorkers(self.name, self.spec.busy)
        """The processes that carry its calls."""
        self._network = network
        self._timeline: Timeline = network.timeline
        self._changes = Changes()
        self._incoming: list[PhoneCall] = []
        """Incoming calls, except those refused because all lines were in use."""
        self._forgotten = 0
        """Number of calls that are in `_incoming` no more."""
        self._awaited = 0
        """Number of incoming calls that `wait_for_call` has returned, or will not return any more."""
        self._dialling: set[_Dialling] = set()
        self.impairment: PhoneImpairment | None = None
        """The impairment of its current and future calls; None without one."""

    def __repr__(self) -> str:
        return f"<phone {self.name} {self.uri}: {len(self.calls)} calls>"

    # --- methods for tests -----------------------------------------------------------------------------------

    @on_owner_loop
    async def dial(
        self, to: str, *, headers: Mapping[str, str] | None = None, display_name: str | None = None
    ) -> PhoneCall:
        """Call a number or a SIP URI; return once the INVITE has been sent. `wait_answered` of the call waits on.

        Raises HostNotAllowed for a host outside this machine that is not in the network's `allow_hosts`, and LineBusy
        when all lines of the phone are in use.
        """
        self._check_in_network()
        target = await self._network.reach(to)
        if self._lines_in_use >= self.spec.lines:
            raise LineBusy(to, f"the phone {self.name!r} is busy: {self.spec.busy}")
        self._timeline.append("phone", phone=self.name, action="dials", to=to)
        pairs = (*target.headers, *header_fields(headers or {}))
        dialling = _Dialling()
        self._dialling.add(dialling)
        try:
            call = await self._invite(target, pairs, display_name, dialling)
        except WorkerCrashed:
            if dialling.call is not None:
                raise
            call = await self._invite(target, pairs, display_name, dialling)  # by another worker
        finally:
            self._dialling.remove(dialling)
        call.made_at = made_at()
        return call

    async def _invite(
        self, target: DialTarget, headers: HeaderPairs, display_name: str | None, dialling: _Dialling
    ) -> PhoneCall:
        """Send an INVITE, after which `dialling` has its call."""
        worker = await self._free_worker()
        reservation = object()

        def on_first_notice(first: messages.AnyCallNotice) -> None:
            if not isinstance(first, messages.Dialling):
                return  # the worker died before the INVITE
            call = self._add(worker, worker.agent.calls[first.call], reservation)
            call.remote = target.uri
            dialling.call = call
            call.notice(first)
            if self._persona is not None and (self._persona.calling or self._persona.conversation):
                call.follow_persona(self._persona)

        self.group.call_started(worker.destination, reservation)  # before calls that are dialled meanwhile
        try:
            await worker.agent.dial(
                target.uri,
                via_proxy=target.via_proxy,
                codecs=self.spec.codecs,
                telephone_event=self.spec.telephone_event,
                offered_order=True,
                headers=headers,
                caller=self.registered_as or self.uri,
                display_name=display_name,
                video=VideoPreferences(self.spec.video, offered_order=True) if self.spec.video else None,
                on_notice=on_first_notice,
            )
        except BaseException:
            if dialling.call is None:  # otherwise the end of the call frees the slot
                self.group.call_ended(worker.destination, reservation)
            raise
        assert dialling.call is not None, "the worker has told of the INVITE"  # noqa: S101
        return dialling.call

    @on_owner_loop
    async def wait_for_call(self, *, within: float = 5) -> PhoneCall:
        """Wait for the next incoming call. Calls received before count, too; each call is returned once."""
        self._check_simulated()
        wanted = self._awaited

        def found() -> PhoneCall | None:
            index = max(0, wanted - self._forgotten)
            return self._incoming[index] if len(self._incoming) > index else None

        call = await self._changes.until(found, within=within)
        if call is None:
            raise ExpectationFailed(
                f"{self.name} is called  within {within:g} s",
                nearest=f"calls so far: {len(self._incoming)}",
                because=self._network.why_not_called(self),
                happened=[str(record) for record in self._timeline.records() if record.kind != "flow"][-_SHOWN:],
            )
        self._awaited = max(wanted, self._forgotten) + 1
        return call

    @on_owner_loop
    async def wait_plugged_in(self, *, within: float = 5) -> None:
        """Wait until the phone has its worker processes, one of which it lacks for a moment after a crash."""
        if not await self.workers.wait_complete(within=within):
            raise ExpectationFailed(f"{self.name} gets another worker  within {within:g} s")

    @on_owner_loop
    async def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Impair the RTP and RTCP of the phone's current and future calls; see `PhoneCall.impair`.

        Raises ConfigurationError for an unknown direction, and without a relay.
        """
        self._apply_impairment(PhoneImpairment(faults, direction, seed))

    @on_owner_loop
    async def recover(self) -> None:
        """Remove the impairment of the phone's current and future calls. Raises ConfigurationError without a relay."""
        self._apply_impairment(None)

    @on_owner_loop
    async def close(self) -> None:
        """End all calls of the phone and remove it from the network; its number is free afterwards."""
        await self._network.remove(self)

    # --- methods for the network -----------------------------------------------------------------------------

    @property
    def group(self) -> DestinationGroup:
        """The destination of the phone's incoming calls at the front door."""
        return self.workers.group

    def attach(self, agent: UserAgent) -> None:
        """Use another user agent for the phone's calls, and route incoming calls to it."""
        worker = self.workers.add(agent)
        agent.on_incoming = partial(self._on_incoming, worker)
        agent.on_referred = partial(self._on_referred, worker)
        agent.on_crash = partial(self._on_crash, worker)  # at once if it has died already

    def detach(self) -> list[UserAgent]:
        """Stop using the user agents and return them. Until the next `attach`, incoming calls are refused with 503."""
        workers = [*self.workers]
        for worker in workers:
            self.workers.remove(worker)
        return [worker.agent for worker in workers]

    @property
    def attached(self) -> bool:
        """Whether the phone has a user agent."""
        return len(self.workers) > 0

    @property
    def awaits_worker(self) -> bool:
        """Whether a worker is being started for the phone, because it is new or because one of its workers has died."""
        return self.workers.expected > 0

    @property
    def worker_pid(self) -> int | None:
        """Process id of the phone's user agent, the first one if it has several; None without one."""
        return next((worker.agent.pid for worker in self.workers), None)

    @property
    def _lines_in_use(self) -> int:
        not_in_calls = sum(dialling.call is None for dialling in self._dialling)
        return not_in_calls + sum(call.needs_line for call in self.calls)

    def _check_in_network(self) -> None:
        self._check_simulated()
        if not (self.attached or self.awaits_worker):
            raise ExpectationFailed(f"{self.name} can dial", nearest="the phone was closed, or has no worker")

    async def _free_worker(self) -> LeasedWorker:
        """The worker with the fewest calls; when the only one has died, the one which replaces it."""
        worker = await self.workers.free_worker(within=_REPLACEMENT_TIMEOUT)
        if worker is None:
            raise ExpectationFailed(
                f"{self.name} can dial",
                nearest=f"its worker has died, and none replaced it in {_REPLACEMENT_TIMEOUT:g} s",
            )
        return worker

    def _check_simulated(self) -> None:
        if self.spec.forward_to is not None:
            raise ConfigurationError(
                "forward_to", self.spec.forward_to, "a phone without it; this one's calls are those of a real peer"
            )

    def _apply_impairment(self, impairment: PhoneImpairment | None) -> None:
        if self._network.relay is None:
            raise ConfigurationError("rtp_relay", False, "True, because the relay impairs the packets")
        self.impairment = impairment
        for call in self.calls:
            if call.ended is None:
                call.apply_impairment(impairment or PhoneImpairment(Faults()))

    # --- calls -----------------------------------------------------------------------------------------------

    def _add(self, worker: LeasedWorker, call: Call, reservation: object = None) -> PhoneCall:
        """Add a call of a worker. `reservation` is what occupies its slot, for one that the phone has dialled."""
        added = PhoneCall(
            call,
            self.spec,
            self.name,
            self._timeline,
            self.owner_loop,
            self._network.audio,
            partial(self._on_end, worker, reservation),
            domain=self._network.address,
        )
        added.dial_beside = self.dial
        added.replace_answer_headers = self._network.front_door.answer_headers.replace
        added.expect_second_answer = self._network.front_door.second_answers.expect
        self.calls.append(added)
        if self.impairment is not None:
            added.apply_impairment(self.impairment)
        return added

    def _on_incoming(self, worker: LeasedWorker, call: Call, incoming: messages.Incoming) -> None:
        busy = self._lines_in_use >= self.spec.lines
        added = self._add(worker, call)
        added.remote, added.remote_name = incoming.from_uri, incoming.from_name
        added.headers = dict(incoming.headers)
        self._timeline.append(
            "phone",
            at=incoming.at,
            phone=self.name,
            action="is called",
            sip_call_id=incoming.sip_call_id,
            **{"from": incoming.from_uri},
        )
        replaces = replaces_values(incoming) and not incoming.refusal
        if replaces and not added.replace(incoming, self.calls):
            return
        if busy and not replaces:
            added.follow(CallPlan(then="busy"), because=self.spec.busy)
            return
        # An offer that no phone could accept is refused at once, whatever the plan.
        takes_calls = self._persona is not None and (self._persona.called or self._persona.conversation)
        if self._persona is not None and takes_calls and not incoming.refusal:
            added.follow_persona(self._persona)
        elif not replaces:
            added.follow(CallPlan() if incoming.refusal else self.spec.plan(self._forgotten + len(self._incoming)))
        self._incoming.append(added)
        self._changes.notify()

    def _on_referred(self, worker: LeasedWorker, call: Call, dialling: messages.Dialling) -> None:
        """Add the call that the user agent has dialled because of a REFER from the peer."""
        self._timeline.append("phone", phone=self.name, action="is referred", to=dialling.remote_uri)
        reservation = object()
        added = self._add(worker, call, reservation)
        added.remote = dialling.remote_uri
        self.group.call_started(worker.destination, reservation)

    def _forget_old_calls(self) -> None:
        """Forget the oldest of more than MOST_ENDED_CALLS ended calls."""
        ended = [call for call in self.calls if call.state == "ended"]
        for call in ended[:-MOST_ENDED_CALLS]:
            self.calls.remove(call)
            if call in self._incoming:
                self._incoming.remove(call)
                self._forgotten += 1

    def _on_end(self, worker: LeasedWorker, reservation: object, call: PhoneCall) -> None:
        self._forget_old_calls()
        if call.incoming:
            self._network.front_door.call_ended(call.sip_call_id, worker.destination)
        else:
            self._network.front_door.caller_ended(call.sip_call_id)
            self.group.call_ended(worker.destination, reservation)

    def _on_crash(self, worker: LeasedWorker, crash: messages.Crashed) -> None:
        self._timeline.append("worker", at=crash.at, phone=self.name, action="crashed", how=crash.how)
        self.workers.remove(worker)
        self.group.worker_died(worker.destination)
        self._network.front_door.worker_died(worker.destination, worker.agent.orphaned)
        self._network.give_workers(self, 1)


def check_distinct(spec: PhoneSpec, others: Iterable[Phone]) -> None:
    """Raise ConfigurationError if another phone has the number or the URI of a specification."""
    for other in others:
        if spec.number is not None and other.number == spec.number:
            free = f"a number that no phone has; the phone {other.name!r} has this one: remove it, or reset() first"
            raise ConfigurationError("number", spec.number, free)
        if spec.uri is not None and other.where.is_equivalent(SipAddress.parse(spec.uri)):
            raise ConfigurationError("uri", spec.uri, f"a URI that no phone has; the phone {other.name!r} has this one")
