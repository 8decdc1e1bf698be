"""The telephone network: which number or SIP URI leads to which phone, and nothing leaves the machine by accident."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from weakref import WeakSet

from pydantic import ValidationError

from simulator.behaviour import REFER_ANSWERS, CallPlan, PhoneSpec
from simulator.capture import Capture
from simulator.errors import ConfigurationError, HostNotAllowed, NoRoute, RouteError, UnknownNumber
from simulator.front_door import FrontDoor, Group, Invite
from simulator.numbers import SipAddress, check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone import Phone
from simulator.relay import Direction, Faults, Relay
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import AudioCodec, VideoCodec, WorkerSettings
from simulator.useragent.pool import Pool
from simulator.useragent.worker_source import WorkerSource
from simulator.validation_errors import as_configuration_error


@dataclass(frozen=True, slots=True)
class Dialable:
    """Where an INVITE for a target goes."""

    uri: str
    via_proxy: bool
    """Through the network's own address, because the URI's host is not where it really lives."""
    headers: messages.Headers
    """Those that the URI itself asked for."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What the carrier says instead of putting calls to a number through."""

    status: int
    reason: str


class CarrierRefusal(RouteError):
    """The carrier was told to refuse calls to this number."""

    def __init__(self, target: str, outage: Outage) -> None:
        self.status, self.reason = outage.status, outage.reason
        super().__init__(target, "the carrier refuses calls to it")


class Network:
    """Phones, their numbers, and the one SIP address that leads to all of them.

    `async with Network() as network: phone = await network.phone("+12065550142", calls=["busy"])`.
    `address` is `host:port` of SIP over UDP and TCP; any SIP peer on this machine can call in there.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        sip_port: int = 0,
        allow_hosts: Sequence[str] = (),
        warm_phones: int = 2,
        most_phones: int = 64,
        rtp_relay: bool = True,
        timeline: Timeline | None = None,
    ) -> None:
        self.timeline = timeline or Timeline()
        self.relay: Relay | None = Relay(self.timeline, host=host) if rtp_relay else None
        """What the media of all calls pass; None when they go straight."""
        self.capturing: Capture | None = None
        """The capture that is under way."""
        self.agents: WeakSet[UserAgent] = WeakSet()
        """Every user agent in use."""
        self.trunk: Group | None = None
        """Takes the calls to the network's own address that are for no phone."""
        self.trunk_numbers: Callable[[str], bool] = lambda number: False
        """Which E.164 numbers, if no phone has them, are the trunk's too."""
        self.allow_hosts = frozenset(allow.lower() for allow in allow_hosts)
        self.phones: list[Phone] = []
        self.front_door = FrontDoor(host, sip_port, switch=self.route, timeline=self.timeline)
        self._warm = warm_phones
        self._most = most_phones
        self._outages: dict[str, Outage] = {}
        self._made = 0
        self._replugging: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Network:
        self.owner_loop = OwnerLoop()
        self.workers = await self._stack.enter_async_context(WorkerSource(self.log))
        await self._stack.enter_async_context(self.front_door)
        settings = WorkerSettings(label="phone", proxy=self.address)
        self._pool = await self._stack.enter_async_context(
            Pool(settings, warm=self._warm, limit=self._most, on_log=self.log, source=self.workers)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.capturing is not None:
            await self.capturing.stop()
        for phone in tuple(self.phones):
            phone.unplug()
        self.phones.clear()
        for task in self._replugging:
            task.cancel()
        await self._stack.__aexit__(kind, error, trace)
        if self.relay is not None:
            self.relay.close()

    @property
    def address(self) -> str:
        """`host:port` where the network takes SIP, UDP and TCP alike."""
        return self.front_door.address

    def capture(self, path: str | Path, *, append: bool = False, title: str = "") -> Capture:
        """Write what is on the wire to a pcapng file: `async with network.capture("call.pcapng"):`, or plain `with`.

        With `append` it becomes another section of a file that there is; `title` is the section's comment.
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
        lines: int = 4,
        calls: Sequence[CallPlan | str | dict[str, Any]] | str = (),
    ) -> Phone:
        """A new phone. `calls` says how its incoming calls are taken, in turn; see `CallPlan`."""
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
                    "lines": lines,
                    "calls": calls,
                }
            )
        except ValidationError as wrong:
            raise as_configuration_error(wrong) from None
        return await self.install(spec)

    @on_owner_loop
    async def install(self, spec: PhoneSpec) -> Phone:
        """A new phone by its specification; a number or URI that is taken is a ConfigurationError."""
        for other in self.phones:
            if spec.number is not None and other.number == spec.number:
                raise ConfigurationError("number", spec.number, f"another number; {other.name!r} has this one already")
            if spec.uri is not None and other.where.same_place(SipAddress.parse(spec.uri)):
                raise ConfigurationError("uri", spec.uri, f"another URI; {other.name!r} has this one already")
        agent = await self._pool.lease()
        await self.adopt(agent)
        self._made += 1
        phone = Phone(self, spec, self._made)
        await self._plug_in(phone, agent)
        self.phones.append(phone)
        return phone

    async def remove(self, phone: Phone) -> None:
        """Hang up a phone's calls and take it out of the network."""
        if phone in self.phones:
            self.phones.remove(phone)
        agent = phone.unplug()
        if agent is not None:
            await self._pool.release(agent)

    def replug(self, phone: Phone) -> None:
        """Give a phone whose worker died another one, in the background; until then calls to it find no route."""
        phone.unplug()
        task = asyncio.get_running_loop().create_task(self._replug(phone), name=f"a new worker for {phone.name}")
        self._replugging.add(task)
        task.add_done_callback(self._replugging.discard)

    async def _replug(self, phone: Phone) -> None:
        agent = await self._pool.lease()
        await self.adopt(agent)
        if phone in self.phones:
            await self._plug_in(phone, agent)
        else:
            await self._pool.release(agent)

    @staticmethod
    async def _plug_in(phone: Phone, agent: UserAgent) -> None:
        if phone.spec.refers != "refuse":
            await agent.follow_refers(REFER_ANSWERS[phone.spec.refers][0])
        phone.plug_in(agent)

    @on_owner_loop
    async def reset(self) -> None:
        """No phones, no outages; numbers are free again."""
        self._outages.clear()
        await asyncio.gather(*(self.remove(phone) for phone in tuple(self.phones)))
        if self.relay is not None:
            self.relay.forget()

    async def adopt(self, agent: UserAgent) -> None:
        """Lead the media of a user agent's calls through the relay, and its SIP into a capture that is under way."""
        agent.relay = self.relay
        self.agents.add(agent)
        if self.capturing is not None:
            await self.capturing.watch(agent)

    # --- the carrier -----------------------------------------------------------------------------------------

    def refuse(self, number: str, status: int = 503, reason: str = "Service Unavailable") -> None:
        """From now on calls to `number` get this final response from the network, whoever has it."""
        if not 300 <= status <= 699:
            raise ConfigurationError("status", status, "a final SIP status of refusal, 300 to 699")
        self._outages[check_number(number)] = Outage(status, reason)

    def restore(self, number: str) -> None:
        """Calls to `number` go through again."""
        self._outages.pop(check_number(number), None)

    def explanation(self) -> str | None:
        """What the phones whose calls are not answered, or have failed, were told to do; None when there is none."""
        reasons = (phone.calls[-1].explanation for phone in self.phones if phone.calls)
        return "; ".join(reason for reason in reasons if reason) or None

    @on_owner_loop
    async def impair(self, number: str, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the line of the phone with this number bad, for calls that are up and to come; see `Phone.impair`."""
        await self._owner(number).impair(faults, direction=direction, seed=seed)

    @on_owner_loop
    async def recover(self, number: str) -> None:
        """Make the line of the phone with this number good again."""
        await self._owner(number).recover()

    def _owner(self, number: str) -> Phone:
        phone = self._phone_with(check_number(number))
        if phone is None:
            raise UnknownNumber(number, "no phone here has it")
        return phone

    # --- routing ---------------------------------------------------------------------------------------------

    def resolve(self, target: str) -> Dialable:
        """Where to send an INVITE for a number or SIP URI; raises HostNotAllowed before any packet is sent."""
        if target.startswith("+"):
            return Dialable(f"sip:{check_number(target, name='to')}@{self.address}", False, ())
        where = SipAddress.parse(target, name="to")
        if where.is_loopback:
            return Dialable(str(where), False, where.headers)
        if self._phone_at(where) is not None:
            return Dialable(str(where), True, where.headers)
        if where.uri.host.lower() in self.allow_hosts:
            return Dialable(str(where), False, where.headers)
        raise HostNotAllowed(
            target,
            f"no phone here has this URI and the host {where.uri.host!r} is outside this machine; "
            f"make a phone with this uri, or name the host in allow_hosts",
        )

    def route(self, invite: Invite) -> Group:
        """Who takes an INVITE that came to the network's address; a RouteError becomes its final response."""
        where = SipAddress.parse(invite.request_uri, name="Request-URI")
        number = where.uri.global_phone_number
        if number is not None and number in self._outages:
            raise CarrierRefusal(number, self._outages[number])
        phone = self._phone_at(where) or self._phone_with(number)
        if phone is not None:
            if not phone.plugged_in:
                raise NoRoute(invite.request_uri, f"the line of {phone.name!r} is out")
            return phone.group
        if self.trunk is None or (number is not None and not self.trunk_numbers(number)):
            raise UnknownNumber(invite.request_uri, "no phone here has it")
        return self.trunk

    def _phone_at(self, where: SipAddress) -> Phone | None:
        return next((phone for phone in self.phones if phone.where.same_place(where)), None)

    def _phone_with(self, number: str | None) -> Phone | None:
        return next((phone for phone in self.phones if number is not None and phone.number == number), None)

    def log(self, line: str) -> None:
        """Keep a line that a worker printed."""
        self.timeline.append("worker", text=line)
