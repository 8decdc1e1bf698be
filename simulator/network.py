"""The telephone network: phones and their numbers, the routing of calls to them, and refusals by the carrier."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from weakref import WeakSet

from pydantic import ValidationError

from simulator.audio.kept_sounds import KeptSounds
from simulator.capture import Capture
from simulator.carrier import RefusedByCarrier
from simulator.carrier_verbs import Carrier
from simulator.descriptor_limit import ensure_descriptors
from simulator.destinations import Destinations
from simulator.dial_target import DialTarget, check_reachable, check_usable
from simulator.errors import ConfigurationError, HostNotAllowed, NoRoute, UnknownNumber
from simulator.front_door import DestinationGroup, FrontDoor, Invite
from simulator.misdialled import Reasons
from simulator.network_audio import NetworkAudio
from simulator.network_explanations import Explanations
from simulator.noise_spec import NoiseSpec
from simulator.numbers import SipAddress, check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.personas.catalogue import Personas
from simulator.phone import Phone, check_distinct
from simulator.phone_persona import with_persona
from simulator.phone_spec import CallPlan, PhoneSpec
from simulator.phone_worker_supply import PhoneWorkerSupply
from simulator.public_host import PublicHost
from simulator.registering.phone_registrations import PhoneRegistrations
from simulator.registering.spec import RegisterSpec
from simulator.relay import Relay
from simulator.sip_timers import SipTimersName
from simulator.sip_timers import sip_timers as timers_named
from simulator.sip_tls import SipTls
from simulator.speech.speech import Speech
from simulator.speech.voice_setting import VoiceSetting
from simulator.test_numbers import TestNumbers, is_test_host
from simulator.test_phones import TestPhones
from simulator.timeline import Timeline
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import AudioCodec, WorkerSettings
from simulator.useragent.pool import Pool
from simulator.useragent.worker_spawner import WorkerSpawner
from simulator.validation_errors import as_configuration_error
from simulator.video.negotiated import VideoCodec


class Network(Carrier, Explanations):
    """Phones with numbers or SIP URIs, all reachable at one SIP address.

    `async with Network() as network: phone = await network.phone("+12065550142", calls=["busy"])`.
    Any SIP peer on this machine can dial them at `address`. Nothing is sent to other hosts than this machine and
    `allow_hosts`. SIP and RTP reach the latter only when `host` is not a loopback address. With `symmetric_rtp` a peer
    is sent RTP where its own comes from. A call whose peer stops sending RTP ends after `rtp_timeout` seconds.
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
        rtp_timeout: float | None = 60.0,
        personas: Sequence[str | Path] = (),
        voice: VoiceSetting = "auto",
        transcriber: str | None = None,
        tls: SipTls | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        """`public_address` is a name or an address by which others reach `host`: see `PublicHost`.

        `personas` are folders with persona files of one's own; `voice` says texts (docs/audio.md); `transcriber`,
        `module:function`, returns the words in received sound.
        """
        super().__init__()
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
            tls=tls,
        )
        self.relay: Relay | None = None
        if rtp_relay:
            policy = self.destinations
            self.relay = Relay(self.timeline, public=self._public, destinations=policy, symmetric_rtp=symmetric_rtp)
        """The relay for the RTP of all calls; None with `rtp_relay=False`."""
        self._symmetric_rtp, self._rtp_timeout = symmetric_rtp, rtp_timeout
        self.capturing: Capture | None = None
        """The capture in progress, if any."""
        self.captures: list[Path] = []
        """The files of the captures that were started since the last reset, oldest first."""
        self.agents: WeakSet[UserAgent] = WeakSet()
        """All user agents in use, of phones and of the gateway."""
        self.trunk: DestinationGroup | None = None
        """The destinations of calls to the network's address that are not for a phone: the gateway's workers."""
        self.trunk_hosts: Callable[[str], bool] = lambda host: False
        """Called with the host of a SIP URI; returns whether its calls go to the trunk, whatever their number."""
        self.trunk_uris: Callable[[str], bool] = lambda uri: False
        """Called with the SIP address of a client; returns whether its calls go to the trunk nevertheless."""
        self.trunk_numbers: Callable[[str], bool] = lambda number: False
        """Called with an E.164 number that no phone has; returns whether its calls go to the trunk."""
        self.reasons: Reasons = lambda records, nobody_called: None
        """Says why nobody was called, as far as the network does not know it."""
        self.phones: list[Phone] = []
        self.personas = Personas(personas)
        """The personas that phones of this network can have."""
        self.registrations = PhoneRegistrations(self)
        self._test_phones = TestPhones(self, TestNumbers(self.personas))
        self.audio = NetworkAudio(KeptSounds(), Speech(self.timeline, voice, transcriber))
        """What the audio of all calls shares."""
        self._warm_workers, self._most_phones, self._phones_made = warm_phones, most_phones, 0

    async def __aenter__(self) -> Network:
        ensure_descriptors()
        self.owner_loop = OwnerLoop()
        async with AsyncExitStack() as starting:  # a start that fails ends what has started
            self.workers = await starting.enter_async_context(WorkerSpawner(self.record_log))
            await starting.enter_async_context(self.front_door)
            starting.push_async_callback(self.audio.speech.close)
            self.destinations.on_learned = self._tell_workers
            self.destinations.look_up_names()
            starting.callback(self.destinations.close)
            pool = await starting.enter_async_context(self._phone_workers())
            self._supply = PhoneWorkerSupply(pool, self._most_phones, self.record_log)
            self._stack = starting.pop_all()
        return self

    def _phone_workers(self) -> Pool:
        return Pool(
            self.worker_settings(label="phone"),
            warm=self._warm_workers,
            limit=self._most_phones,
            on_log=self.record_log,
            spawner=self.workers,
            prepare=self.register,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.capturing is not None:
            await self.capturing.stop()
        await self.registrations.close()
        for phone in tuple(self.phones):
            phone.detach()
        self.phones.clear()
        await self._supply.close()
        await self._stack.__aexit__(kind, error, trace)
        if self.relay is not None:
            self.relay.close()

    @property
    def address(self) -> str:
        """`host:port` of the network's SIP address, for UDP and TCP."""
        return self.front_door.address

    @property
    def own_hosts(self) -> frozenset[str]:
        """The hosts by which SIP URIs name this network, in lower case."""
        return self._public.hosts(self.front_door.host)

    def worker_settings(self, label: str, *, audio_phase_ms: int | None = None) -> WorkerSettings:
        """What a worker of this network is started with."""
        return WorkerSettings(
            label=label,
            host=self.front_door.host,
            public_host=self._public.name,
            proxy=self.address,
            allow_hosts=tuple(sorted(self.destinations.allow_hosts)),
            timers=self.timers,
            rtp_timeout_s=self._rtp_timeout,
            audio_phase_ms=audio_phase_ms,
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
        /,
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
        noise: NoiseSpec | dict[str, Any] | None = None,
        register: RegisterSpec | Mapping[str, Any] | None = None,
        persona: str | Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> Phone:
        """Create a phone. `calls` are the plans by which it takes its incoming calls, in turn; see `CallPlan`.

        `persona`, such as "voicemail", takes the calls instead; `parameters` are those of the persona. Raises
        ConfigurationError for invalid values and a number or URI that another phone has, and RegistrationFailed.
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
                    "noise": noise,
                    "register": register,
                    "persona": persona,
                    **parameters,
                }
            )
        except ValidationError as invalid:
            raise as_configuration_error(invalid) from None
        return await self.install(spec)

    @on_owner_loop
    async def install(self, spec: PhoneSpec, *, personas: Personas | None = None) -> Phone:
        """Create a phone from its specification; its persona is one of `personas`, by default of the network's.

        Raises ConfigurationError if another phone has its number or URI, and for an unknown persona or parameter;
        RegistrationFailed if it has to register and cannot.
        """
        await self._test_phones.yield_to(spec)
        check_distinct(spec, self.phones)
        if spec.forward_to is not None and not self.destinations.permits(SipAddress.parse(spec.forward_to).destination):
            raise ConfigurationError("forward_to", spec.forward_to, "a host of this machine, or one in allow_hosts")
        phone = self.make(spec, personas)
        if spec.forward_to is None:
            await self._supply.equip(phone)
        self.phones.append(phone)
        await self.registrations.add(phone)
        return phone

    def make(self, spec: PhoneSpec, personas: Personas | None = None) -> Phone:
        """Make a phone with its persona, but without a worker."""
        spec, persona = with_persona(spec, personas or self.personas)
        self._phones_made += 1
        return Phone(self, spec, self._phones_made, persona)

    async def remove(self, phone: Phone) -> None:
        """End the calls of a phone and remove it from the network."""
        await self.registrations.remove(phone)
        if phone in self.phones:
            self.phones.remove(phone)
        await self._supply.take_back(phone)

    def give_workers(self, phone: Phone, count: int) -> None:
        """Give a phone so many workers more, in the background."""
        self._supply.give_later(phone, count, lambda: phone in self.phones)

    @on_owner_loop
    async def reset(self) -> None:
        """Remove all phones, which frees their numbers, and all refusals by the carrier."""
        self._outages.clear()
        self.clear_faults()
        self.front_door.forget_calls()
        self.destinations.forget_refusals()
        self.captures.clear()
        await asyncio.gather(*(self.remove(phone) for phone in tuple(self.phones)))
        if self.relay is not None:
            self.relay.reset()

    async def register(self, agent: UserAgent) -> None:
        """Route RTP of its calls through the relay, tell it the addresses of allowed names, and capture its SIP."""
        agent.relay = self.relay
        agent.symmetric_rtp = self._symmetric_rtp
        agent.destinations = self.destinations
        self.front_door.watch(agent)
        self.agents.add(agent)
        for name, addresses in self.destinations.known_names.items():
            agent.learn_name(name, addresses)
        if self.capturing is not None:
            await self.capturing.watch(agent)

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
        is_simulated = phone is not None or is_test_host(host) or self.trunk_hosts(host)
        check_usable(target, where, is_simulated=is_simulated)
        if phone is None:
            if not (is_simulated or is_public):
                check_reachable(target, host, self.destinations, sip_host=self.front_door.host)
            return DialTarget(str(where), is_simulated or is_public, where.headers)
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
        if self.trunk_hosts(where.uri.host):
            if self.trunk is None:
                raise UnknownNumber(invite.request_uri, "no gateway takes calls to this host")
            return self.trunk
        number = where.number
        if number is not None and number in self._outages:
            raise RefusedByCarrier(number, self._outages[number])
        phone = self._phone_at(where) or self._phone_with(number)
        if phone is not None and phone.test_number is not None:
            phone = None  # another one at the number may have a free line
        if phone is None and not (number is not None and self.trunk is not None and self.trunk_numbers(number)):
            phone = self._test_phones.find(where)
        if phone is not None:
            if phone.spec.forward_to is not None:
                because = f"only calls of Daily and of phones are forwarded to {phone.spec.forward_to}"
                raise NoRoute(invite.request_uri, because)
            if not (phone.attached or phone.awaits_worker):
                raise NoRoute(invite.request_uri, f"the phone {phone.name!r} has no worker at the moment")
            return phone.group
        uri = invite.request_uri
        if not self.trunk_uris(uri) and (client := self.front_door.clients.group_for(uri)) is not None:
            return client
        if self.trunk is None or (number is not None and not self.trunk_numbers(number)):
            raise UnknownNumber(invite.request_uri, "no phone has this number or URI")
        return self.trunk

    def _phone_at(self, where: SipAddress) -> Phone | None:
        at_uri = (phone for phone in self.phones if phone.where.is_equivalent(where))
        return next(at_uri, None) or self.registrations.phone_at(where)

    def record_log(self, line: str) -> None:
        """Record a line that a worker process has logged."""
        self.timeline.append("worker", text=line)
