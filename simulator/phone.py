"""A simulated phone: a number or a SIP URI, a way of taking calls, and a user agent of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.behaviour import CallPlan, PhoneSpec
from simulator.errors import ConfigurationError, ExpectationFailed, LineBusy
from simulator.front_door import Destination, Group, Refusal
from simulator.numbers import SipAddress
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone_call import PhoneCall, as_headers
from simulator.relay import BadLine, Direction, Faults
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call, UserAgent
from simulator.video.wish import VideoWish
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.network import Network


class Phone:
    """Made by `Network.phone`. Every verb can be awaited from any loop."""

    def __init__(self, network: Network, spec: PhoneSpec, number_in_network: int) -> None:
        self.owner_loop: OwnerLoop = network.owner_loop
        self.spec: PhoneSpec = spec
        self.id: str = f"phone-{number_in_network}"
        self.name: str = spec.name or spec.number or spec.uri or self.id
        self.number: str | None = spec.number
        self.uri: str = spec.uri or f"sip:{spec.number or self.id}@{network.address}"
        """What leads to it; any SIP peer of this machine can dial it through the network's address."""
        self.where = SipAddress.parse(self.uri)
        """`uri`, parsed."""
        self.calls: list[PhoneCall] = []
        """All its calls, oldest first."""
        self.group = Group(name=self.name, when_full=Refusal(LineBusy.status, LineBusy.reason))
        """Where the network sends its incoming calls."""
        self._network = network
        self._timeline: Timeline = network.timeline
        self._agent: UserAgent | None = None
        self._destination: Destination | None = None
        self._changes = Changes()
        self._incoming: list[PhoneCall] = []
        self._waited = 0
        self._line: BadLine | None = None

    def __repr__(self) -> str:
        return f"<phone {self.name} {self.uri}: {len(self.calls)} calls>"

    # --- verbs -----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def dial(
        self, to: str, *, headers: Mapping[str, str] | None = None, display_name: str | None = None
    ) -> PhoneCall:
        """Call a number or a SIP URI; returns once the INVITE is out. `wait_answered` tells what became of it.

        Raises HostNotAllowed for a host outside this machine that was not allowed by name.
        """
        agent = self._plugged_in()
        where = self._network.resolve(to)
        self._timeline.append("phone", phone=self.name, action="dials", to=to)
        dialled: list[PhoneCall] = []

        def adopt(first: messages.AnyCallNotice) -> None:
            if not isinstance(first, messages.Dialling):
                return  # the worker died before the INVITE; `dial` itself raises WorkerCrashed
            own = self._adopt(agent.calls[first.call])
            own.remote = where.uri
            dialled.append(own)
            if self._destination is not None:
                self.group.opened(self._destination, first.sip_call_id)
            own.notice(first)

        await agent.dial(
            where.uri,
            via_proxy=where.via_proxy,
            codecs=self.spec.codecs,
            telephone_event=self.spec.telephone_event,
            headers=(*where.headers, *as_headers(headers or {})),
            caller=self.uri,
            display_name=display_name,
            video=VideoWish(self.spec.video) if self.spec.video else None,
            on_notice=adopt,
        )
        return dialled[0]

    @on_owner_loop
    async def wait_for_call(self, *, within: float = 5) -> PhoneCall:
        """The next incoming call that was not waited for yet."""
        wanted = self._waited

        def found() -> PhoneCall | None:
            return self._incoming[wanted] if len(self._incoming) > wanted else None

        call = await self._changes.until(found, within=within)
        if call is None:
            raise ExpectationFailed(
                f"{self.name} is called  within {within:g} s",
                nearest=f"it was called {len(self._incoming)} times so far",
                happened=[str(record) for record in self._timeline.records()][-12:],
            )
        self._waited = wanted + 1
        return call

    @on_owner_loop
    async def wait_plugged_in(self, *, within: float = 5) -> None:
        """Return once the phone has a worker, which it lacks for a moment after its worker has died."""
        if await self._changes.until(lambda: self.plugged_in or None, within=within) is None:
            raise ExpectationFailed(f"{self.name} gets another worker  within {within:g} s")

    @on_owner_loop
    async def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the phone's line bad: for the calls that are up, and for those to come."""
        self._line_is(BadLine(faults, direction, seed))

    @on_owner_loop
    async def recover(self) -> None:
        """Make the phone's line good again."""
        self._line_is(None)

    @on_owner_loop
    async def close(self) -> None:
        """Hang up everything and leave the network; the number is nobody's afterwards."""
        await self._network.remove(self)

    # --- for the network -------------------------------------------------------------------------------------

    def plug_in(self, agent: UserAgent) -> None:
        """Give the phone the user agent it speaks through."""
        self._agent = agent
        self._destination = Destination(agent.address)
        self.group.add(self._destination)
        agent.on_incoming = self._ring_in
        agent.on_referred = self._sent_elsewhere
        agent.on_crash = self._crashed
        self._changes.notify()

    def unplug(self) -> UserAgent | None:
        """Take the user agent back; calls to the phone find no route from now on."""
        agent, self._agent = self._agent, None
        if self._destination is not None:
            self.group.remove(self._destination)
            self._destination = None
        if agent is not None:
            agent.on_incoming = agent.on_referred = agent.on_crash = None
        return agent

    @property
    def worker_pid(self) -> int | None:
        """Process id of its user agent."""
        return self._agent.pid if self._agent else None

    @property
    def plugged_in(self) -> bool:
        """Whether there is a user agent to take calls."""
        return self._agent is not None

    def _plugged_in(self) -> UserAgent:
        if self._agent is None:
            raise ExpectationFailed(f"{self.name} can dial", nearest="the phone was closed or its worker died")
        return self._agent

    def _line_is(self, line: BadLine | None) -> None:
        if self._network.relay is None:
            raise ConfigurationError("rtp_relay", False, "True, for faults are the relay's")
        self._line = line
        for call in self.calls:
            if call.ended is None:
                call.line_is(line or BadLine(Faults()))

    def _adopt(self, call: Call) -> PhoneCall:
        own = PhoneCall(call, self.spec, self.name, self._timeline, self.owner_loop, self._over)
        self.calls.append(own)
        if self._line is not None:
            own.line_is(self._line)
        return own

    def _over(self, call: PhoneCall) -> None:
        if self._destination is None:
            return
        if call.incoming:
            self._network.front_door.ended(call.sip_call_id, self._destination)
        else:
            self.group.closed(self._destination, call.sip_call_id)

    def _ring_in(self, call: Call, incoming: messages.Incoming) -> None:
        busy = sum(other.state != "ended" for other in self.calls) >= self.spec.lines
        own = self._adopt(call)
        own.remote, own.remote_name = incoming.from_uri, incoming.from_name
        own.headers = dict(incoming.headers)
        self._timeline.append(
            "phone",
            at=incoming.at,
            phone=self.name,
            action="is called",
            sip_call_id=incoming.sip_call_id,
            **{"from": incoming.from_uri},
        )
        if busy:
            own.behave(CallPlan(then="busy"))
            return
        own.behave(self.spec.plan(len(self._incoming)))
        self._incoming.append(own)
        self._changes.notify()

    def _sent_elsewhere(self, call: Call, dialling: messages.Dialling) -> None:
        """The other side of a call has sent a REFER, and the phone follows it."""
        self._timeline.append("phone", phone=self.name, action="is sent", to=dialling.remote_uri)
        own = self._adopt(call)
        own.remote = dialling.remote_uri
        if self._destination is not None:
            self.group.opened(self._destination, dialling.sip_call_id)

    def _crashed(self, crash: messages.Crashed) -> None:
        self._timeline.append("worker", at=crash.at, phone=self.name, action="crashed", how=crash.how)
        if self._destination is not None:
            self.group.lost(self._destination)
            self._network.front_door.lost(self._destination)
        self._network.replug(self)
