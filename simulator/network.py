"""The telephone network: phones and their numbers, the routing of calls to them, and refusals by the carrier."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from weakref import WeakSet

from pydantic import ValidationError

from simulator.audio.kept_sounds import KeptSounds
from simulator.capture import Capture
from simulator.carrier import Outage, RefusedByCarrier
from simulator.descriptor_limit import ensure_descriptors
from simulator.destinations import Destinations
from simulator.dial_target import DialTarget, check_reachable, check_usable
from simulator.errors import ConfigurationError, HostNotAllowed, NoRoute, SimulatorError, UnknownNumber
from simulator.front_door import DestinationGroup, FrontDoor, Invite
from simulator.misdialled import Reasons, why_not_called
from simulator.numbers import SipAddress, check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone import Phone, check_distinct
from simulator.phone_spec import REFER_ANSWERS, CallPlan, PhoneSpec
from simulator.public_host import PublicHost
from simulator.relay import Direction, Faults, Relay
from simulator.sip_timers import SipTimersName
from simulator.sip_timers import sip_timers as timers_named
from simulator.timeline import Timeline
from simulator.unanswered import why_unanswered
from simulator.unsent_digits import unsent_digits
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import AudioCodec, WorkerSettings
from simulator.useragent.pool import Pool
from simulator.useragent.worker_spawner import WorkerSpawner
from simulator.validation_errors import as_configuration_error
from simulator.video.negotiated import VideoCodec


class Network:
    """Phones with numbers or SIP URIs, all reachable at one SIP address.

    `async with Network() as network: phone = await network.phone("+12065550142", calls=["busy"])`.
    Any SIP peer on this machine can dial them at `address`. Nothing is sent to other hosts than this machine and
    `allow_hosts`. SIP and RTP reach the latter only when `host` is not a loopback address. With `symmetric_rtp` a peer
    is sent RTP where its own comes from, if its session description names another address.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        sip_port: int = 0,
        allow_hosts: Sequence[str] = (),
        public_address: str | None = None,
        warm_phones: int = 2,
        most_phones: int = 64,
        rtp_relay: bool = True,
        symmetric_rtp: bool = True,
        sip_timers: SipTimersName = "rfc",
        timeline: Timeline | None = None,
    ) -> None:
        """`public_address` is a name or an address by which others reach `host`: see `PublicHost`."""
        self.timeline = timeline or Timeline()
        self._public = PublicHost.of(public_address, host)
        self.timers = timers_named(sip_timers)
        """How long SIP waits for answers."""
        self.destinations = Destinations(allow_hosts, public=self._public, timeline=self.timeline)
        """Where packets may go; every exit asks it."""
        self.front_door = FrontDoor(
            host,
            sip_port,
            router=self.route,
            public_host=self._public.sip_host,
            timeline=self.timeline,
            destinations=self.destinations,
        )
        self.relay: Relay | None = None
        if rtp_relay:
            policy = self.destinations
            self.relay = Relay(self.timeline, public=self._public, destinations=policy, symmetric_rtp=symmetric_rtp)
        """The relay for the RTP of all calls; None with `rtp_relay=False`."""
        self._symmetric_rtp = symmetric_rtp
        self.capturing: Capture | None = None
        """The capture in progress, if any."""
        self.agents: WeakSet[UserAgent] = WeakSet()
        """All user agents in use, of phones and of the gateway."""
        self.trunk: DestinationGroup | None = None
        """The destinations of calls to the network's address that are not for a phone: the gateway's workers."""
        self.trunk_numbers: Callable[[str], bool] = lambda number: False
        """Called with an E.164 number that no phone has; returns whether its calls go to the trunk."""
        self.reasons: Reasons = lambda records, nobody_called: None
        """Says why nobody was called, as far as the network does not know it."""
        self.phones: list[Phone] = []
        self.kept_sounds = KeptSounds()
        self._warm_workers = warm_phones
        self._most_phones = most_phones
        self._outages: dict[str, Outage] = {}
        self._phones_made = 0
        self._replacing: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Network:
        ensure_descriptors()
        self.owner_loop = OwnerLoop()
        self.workers = await self._stack.enter_async_context(WorkerSpawner(self.record_log))
        await self._stack.enter_async_context(self.front_door)
        self.destinations.on_learned = self._tell_workers
        self.destinations.look_up_names()
        self._stack.callback(self.destinations.close)
        self._pool = await self._stack.enter_async_context(
            Pool(
                self.worker_settings(label="phone"),
                warm=self._warm_workers,
                limit=self._most_phones,
                on_log=self.record_log,
                spawner=self.workers,
                prepare=self.register,
            )
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.capturing is not None:
            await self.capturing.stop()
        for phone in tuple(self.phones):
            phone.detach()
        self.phones.clear()
        for task in self._replacing:
            task.cancel()
        await self._stack.__aexit__(kind, error, trace)
        if self.relay is not None:
            self.relay.close()

    @property
    def address(self) -> str:
        """`host:port` of the network's SIP address, for UDP and TCP."""
        return self.front_door.address

    def worker_settings(
        self, label: str, *, audio_phase_ms: int | None = None, takes_replaces: bool = True
    ) -> WorkerSettings:
        """What a worker of this network is started with."""
        return WorkerSettings(
            label=label,
            host=self.front_door.host,
            public_host=self._public.name,
            proxy=self.address,
            allow_hosts=tuple(sorted(self.destinations.allow_hosts)),
            timers=self.timers,
            audio_phase_ms=audio_phase_ms,
            takes_replaces=takes_replaces,
        )

    @property
    def public_address(self) -> str:
        """`host:port` of the SIP address in the URIs that others are told: with the public address, if it has one."""
        return f"{self._public.name}:{self.front_door.port}"

    def capture(self, path: str | Path, *, append: bool = False, title: str = "") -> Capture:
        """Capture the network's SIP, RTP and RTCP to a pcapng file: `async with network.capture("call.pcapng"):`.

        In synchronous code use `with`. `append` adds a section to the file, `title` is its comment. See `Capture`.
        """
        return Capture(self, path, append=append, title=title)

    # --- phones ----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def phone(
        self,
        number: str | None = None,
        *,
        uri: str | None = None,
        name: str | None = None,
        codecs: Sequence[AudioCodec] = ("PCMU", "PCMA"),
        telephone_event: bool = True,
        video: Sequence[VideoCodec] = (),
        refers: Literal["refuse", "follow", "cannot"] = "refuse",
        forward_to: str | None = None,
        dial_delay_ms: int = 0,
        lines: int = 4,
        calls: Sequence[CallPlan | str | dict[str, Any]] | str = (),
    ) -> Phone:
        """Create a phone. `calls` are the plans by which it takes its incoming calls, in turn; see `CallPlan`.

        Raises ConfigurationError if a value is invalid, or another phone has the number or URI.
        """
        try:
            spec = PhoneSpec.model_validate(
                {
                    "number": number,
                    "uri": uri,
                    "name": name,
                    "codecs": codecs,
                    "telephone_event": telephone_event,
                    "video": video,
                    "refers": refers,
                    "forward_to": forward_to,
                    "dial_delay_ms": dial_delay_ms,
                    "lines": lines,
                    "calls": calls,
                }
            )
        except ValidationError as invalid:
            raise as_configuration_error(invalid) from None
        return await self.install(spec)

    @on_owner_loop
    async def install(self, spec: PhoneSpec) -> Phone:
        """Create a phone from its specification. Raises ConfigurationError if another phone has its number or URI."""
        check_distinct(spec, self.phones)
        if spec.forward_to is not None and not self._may_call(SipAddress.parse(spec.forward_to)):
            raise ConfigurationError("forward_to", spec.forward_to, "a host of this machine, or one in allow_hosts")
        self._phones_made += 1
        phone = Phone(self, spec, self._phones_made)
        if spec.forward_to is None:
            await self._attach(phone, await self._pool.lease())
        self.phones.append(phone)
        return phone

    async def remove(self, phone: Phone) -> None:
        """End the calls of a phone and remove it from the network."""
        if phone in self.phones:
            self.phones.remove(phone)
        agent = phone.detach()
        if agent is not None:
            await self._pool.release(agent)

    def replace_worker(self, phone: Phone) -> None:
        """Replace the dead worker of a phone in the background. Until then, calls to the phone wait a moment for it."""
        phone.detach()
        task = asyncio.create_task(self._replace_worker(phone), name=f"a new worker for {phone.name}")
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace_worker(self, phone: Phone) -> None:
        try:
            agent = await self._pool.lease()
        except SimulatorError as failure:
            self.record_log(f"no new worker for the phone {phone.name!r}: {failure}")
            phone.detach()
            return
        if phone in self.phones:
            await self._attach(phone, agent)
        else:
            await self._pool.release(agent)

    @staticmethod
    async def _attach(phone: Phone, agent: UserAgent) -> None:
        if phone.spec.refers != "refuse":
            await agent.follow_refers(REFER_ANSWERS[phone.spec.refers][0])
        phone.attach(agent)

    @on_owner_loop
    async def reset(self) -> None:
        """Remove all phones, which frees their numbers, and all refusals by the carrier."""
        self._outages.clear()
        self.destinations.forget_refusals()
        await asyncio.gather(*(self.remove(phone) for phone in tuple(self.phones)))
        if self.relay is not None:
            self.relay.reset()

    async def register(self, agent: UserAgent) -> None:
        """Route RTP of its calls through the relay, tell it the addresses of allowed names, and capture its SIP."""
        agent.relay = self.relay
        agent.symmetric_rtp = self._symmetric_rtp
        agent.destinations = self.destinations
        agent.message_listeners.add(self.front_door.note_direct)
        self.agents.add(agent)
        for name, addresses in self.destinations.known_names.items():
            agent.learn_name(name, addresses)
        if self.capturing is not None:
            await self.capturing.watch(agent)

    # --- the carrier -----------------------------------------------------------------------------------------

    def refuse(self, number: str, status: int = 503, reason: str = "Service Unavailable") -> None:
        """Answer all calls to `number` with this final response, until `restore` or `reset`."""
        if not 300 <= status <= 699:
            raise ConfigurationError("status", status, "a final SIP status other than success, 300 to 699")
        self._outages[check_number(number)] = Outage(status, reason)

    def restore(self, number: str) -> None:
        """Undo `refuse`: route calls to `number` again."""
        self._outages.pop(check_number(number), None)

    def explanation(self, *, without: Collection[str] = ()) -> str | None:
        """Why the latest calls of the phones, `without` these Call-IDs, are not answered, and digits were not sent."""
        latest = [phone.calls[-1] for phone in self.phones if phone.calls]
        reasons = why_unanswered(call for call in latest if call.sip_call_id not in without)
        return "; ".join(filter(None, (*reasons, unsent_digits(self.timeline.records())))) or None

    def why_not_called(self, phone: Phone | None = None) -> str | None:
        """Why nobody has called this phone, by default any, since its latest call; None if it is not known."""
        numbers = [other.number for other in self.phones if other.number]
        name = None if phone is None else phone.name
        return why_not_called(list(self.timeline.records()), name, numbers, self.reasons)

    @on_owner_loop
    async def impair(self, number: str, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Impair the RTP path of the calls of the phone with this number; see `Phone.impair`."""
        await self._phone_by_number(number).impair(faults, direction=direction, seed=seed)

    @on_owner_loop
    async def recover(self, number: str) -> None:
        """Remove the impairments of the phone with this number."""
        await self._phone_by_number(number).recover()

    def _phone_by_number(self, number: str) -> Phone:
        phone = self._phone_with(check_number(number))
        if phone is None:
            near = difflib.get_close_matches(number, (phone.number for phone in self.phones if phone.number), n=1)
            hint = f"did you mean {near[0]}?" if near else "create a phone with it first"
            raise UnknownNumber(number, f"no phone has this number; {hint}")
        return phone

    # --- routing ---------------------------------------------------------------------------------------------

    def resolve(self, target: str) -> DialTarget:
        """Determine where the INVITE for a number or SIP URI goes; a phone comes before a real peer at its URI.

        No host is looked up. Raises HostNotAllowed, and ConfigurationError if `target` is no number and no SIP URI.
        """
        if target.startswith("+"):
            target = f"sip:{check_number(target, name='to')}@{self.address}"
        where = SipAddress.parse(target, name="to")
        is_public = self._public.differs and self._public.is_named(where.uri.host)
        is_own_address = is_public or f"{where.uri.host}:{where.uri.port or 5060}" == self.address
        number = where.uri.global_phone_number if is_own_address else None
        host = where.destination
        phone = None if host != where.uri.host else self._phone_at(where) or self._phone_with(number)
        check_usable(target, where, is_simulated=phone is not None)
        if phone is None:
            if not is_public:
                check_reachable(target, host, self.destinations, sip_host=self.front_door.host)
            return DialTarget(str(where), is_public, where.headers)
        if phone.spec.forward_to is not None and number not in self._outages:
            peer = SipAddress.parse(phone.spec.forward_to)
            return DialTarget(str(peer), False, (*peer.headers, *where.headers))
        return DialTarget(str(where), is_public or not is_own_address, where.headers)

    @on_owner_loop
    async def reach(self, target: str) -> DialTarget:
        """The same as `resolve`, for a call that is dialled now: the name of an allowed host is looked up.

        Raises HostNotAllowed also when the name has no address.
        """
        resolved = self.resolve(target)
        host = SipAddress.parse(resolved.uri).destination
        if not resolved.via_proxy:
            try:
                await self.destinations.resolve(host)
            except OSError as failure:
                raise HostNotAllowed(target, f"{host!r} cannot be looked up: {failure}") from None
        return resolved

    def _tell_workers(self, name: str, addresses: tuple[str, ...]) -> None:
        for agent in self.agents:
            agent.learn_name(name, addresses)

    def route(self, invite: Invite) -> DestinationGroup:
        """Return the destination of an INVITE to the network's address. A RouteError becomes the final response."""
        where = SipAddress.received(invite.request_uri)
        number = where.number
        if number is not None and number in self._outages:
            raise RefusedByCarrier(number, self._outages[number])
        phone = self._phone_at(where) or self._phone_with(number)
        if phone is not None:
            if phone.spec.forward_to is not None:
                raise NoRoute(
                    invite.request_uri, f"only calls of Daily and of phones are forwarded to {phone.spec.forward_to}"
                )
            if not (phone.attached or phone.awaits_worker):
                raise NoRoute(invite.request_uri, f"the phone {phone.name!r} has no worker at the moment")
            return phone.group
        if self.trunk is None or (number is not None and not self.trunk_numbers(number)):
            raise UnknownNumber(invite.request_uri, "no phone has this number or URI")
        return self.trunk

    def _may_call(self, peer: SipAddress) -> bool:
        """Whether packets may be sent to the host of a real peer."""
        return self.destinations.is_this_machine(peer.destination) or self.destinations.is_allowed(peer.destination)

    def _phone_at(self, where: SipAddress) -> Phone | None:
        return next((phone for phone in self.phones if phone.where.is_equivalent(where)), None)

    def _phone_with(self, number: str | None) -> Phone | None:
        return next((phone for phone in self.phones if number is not None and phone.number == number), None)

    def record_log(self, line: str) -> None:
        """Record a line that a worker process has logged."""
        self.timeline.append("worker", text=line)
