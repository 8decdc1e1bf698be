"""The relay of one call: four sockets, two directions, and what is known of the packets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, Protocol

from simulator.errors import ConfigurationError
from simulator.relay.digits import Change
from simulator.relay.faults import Faults
from simulator.relay.flow import Flow, Passing
from simulator.relay.ports import Pair
from simulator.relay.rtp import RtpPacket
from simulator.relay.takeover import Takeover
from simulator.relay.tap import Tap
from simulator.useragent import messages as m
from simulator.useragent.media_path import Role
from simulator.useragent.sdp import AudioSection, MediaAddress

Towards = Literal["caller", "callee", "both"]


class Owner(Protocol):
    """Who made a path: a `Relay`."""

    def begins(self, path: RelayPath) -> None:
        """The path has its Call-ID."""

    def record(self, path: RelayPath, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Something for the timeline."""

    def on_the_wire(self, at: float, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        """A packet on the side that the call's session descriptions tell of."""

    def gone(self, path: RelayPath) -> None:
        """The path is closed."""


class RelayPath:
    """Stands between one of our calls ("own") and its peer, whoever that is.

    The peer is told `outside`, our side sends to `inside`; what comes in at the one leaves from the other, so that
    each side hears from where it sends to. `role` says which of the two parties our side is.
    """

    def __init__(self, owner: Owner, host: str, outside: Pair, inside: Pair, role: Role) -> None:
        self.role = role
        self.sip_call_id = ""
        self.ports = m.RelayPorts(host=host, outside=outside.port, inside=inside.port)
        self.taps: dict[Role, Tap] = {"caller": Tap("caller"), "callee": Tap("callee")}
        """By sender."""
        self.faults: dict[Role, Faults] = {"caller": Faults(), "callee": Faults()}
        """By sender."""
        self.closed = False
        self.described: set[str] = set()
        """Whose session descriptions have been seen: "local", "remote"."""
        self._owner = owner
        self._host = host
        self._outside = outside
        self._inside = inside
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[Role, Callable[[m.DigitStart | m.DigitEnd], None]] = {}
        self._takeovers: dict[Role, Takeover] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._media_up = False
        self._failed = False
        self._peer: Role = other(role)
        self._rtp: dict[Role, Flow] = {
            self._peer: self._flow(outside, inside, self._peer),
            role: self._flow(inside, outside, role),
        }
        self._rtcp: dict[Role, Flow] = {
            self._peer: self._control(outside, inside, self._peer),
            role: self._control(inside, outside, role),
        }

    # --- what the call says ----------------------------------------------------------------------------------

    def set_call_id(self, sip_call_id: str) -> None:
        """The call has its Call-ID. Can be repeated."""
        if not self.sip_call_id:
            self.sip_call_id = sip_call_id
            self._owner.begins(self)

    def handle_notice(self, notice: m.AnyCallNotice) -> None:
        """Take note of what our side's user agent says."""
        if isinstance(notice, m.OriginalSdp):
            self._describe(notice)
        elif isinstance(notice, m.Media):
            self._media_up = True
            if len(self.described) < 2:
                self._fail("the user agent did not lead its media through the relay")
        elif isinstance(notice, m.Ended):
            self.close()

    def _describe(self, notice: m.OriginalSdp) -> None:
        address, section = MediaAddress.parse(notice.sdp), AudioSection.parse(notice.sdp)
        if address is None or section is None:
            return
        self.described.add(notice.by)
        receiver = self.role if notice.by == "local" else self._peer
        sender = other(receiver)
        self.taps[sender].declare(section.formats)
        self.taps[receiver].declare_own(section.formats)
        self._rtp[sender].lead_to((address.host, address.rtp))
        self._rtcp[sender].lead_to((address.host, address.rtcp))

    def on_digits(self, hearer: Role, listener: Callable[[m.DigitStart | m.DigitEnd], None]) -> None:
        """Tell `listener` of each key that gets through to one party; the notices have no `call` yet."""
        self._listeners[hearer] = listener

    # --- faults ----------------------------------------------------------------------------------------------

    def impair(self, faults: Faults, *, towards: Towards = "both", seed: int | str = 0) -> None:
        """Make the line like this from now on; `Faults()` makes it clean again. What is on its way stays so."""
        if towards not in ("caller", "callee", "both"):
            raise ConfigurationError("towards", towards, "caller, callee or both")
        for sender in self.taps:
            if towards in ("both", other(sender)):
                self.faults[sender] = faults
                self._rtp[sender].impair(faults, seed=f"{seed} rtp {sender}")
                self._rtcp[sender].impair(faults, seed=f"{seed} rtcp {sender}")
        self._owner.record(self, "faults", towards=towards, faults=str(faults))

    def _inject(self, sender: Role, data: bytes) -> None:
        source = self._rtp[other(sender)].target or (self._host, 0)
        self._rtp[sender].inject(data, source)

    def takeover(self, sender: Role) -> Takeover:
        """Speak in the place of `sender`; from the first time on, its own packets are numbered anew where needed."""
        if sender not in self._takeovers:
            taken = self._takeovers[sender] = Takeover(partial(self._inject, sender))
            self._rtp[sender].rewrite = taken.passing
        return self._takeovers[sender]

    # --- packets ---------------------------------------------------------------------------------------------

    def _flow(self, entrance: Pair, exit_: Pair, sender: Role) -> Flow:
        return Flow(
            entrance.rtp,
            exit_.rtp,
            arrived=partial(self._arrived, sender),
            left=partial(self._left, sender),
            failed=self._broke,
        )

    def _control(self, entrance: Pair, exit_: Pair, sender: Role) -> Flow:
        def arrived(packet: Passing, _: tuple[float, ...]) -> None:
            if sender == self._peer:
                self._owner.on_the_wire(packet.came_at, packet.source, self._told(1), packet.data)

        def left(packet: Passing, at: float) -> None:
            target = self._rtcp[sender].target
            if sender == self.role and target is not None:
                self._owner.on_the_wire(at, self._told(1), target, packet.data)

        return Flow(entrance.rtcp, exit_.rtcp, arrived=arrived, left=left, failed=self._broke)

    def _told(self, offset: int = 0) -> tuple[str, int]:
        return (self._host, self._outside.port + offset)

    def _arrived(self, sender: Role, packet: Passing, leaves: tuple[float, ...]) -> None:
        if sender == self._peer:
            self._owner.on_the_wire(packet.came_at, packet.source, self._told(), packet.data)
        rtp = RtpPacket.parse(packet.data)
        if rtp is None:
            return
        tap = self.taps[sender]
        first = tap.is_news(rtp.payload_type)
        changes = tap.saw(rtp, packet.came_at, leaves)
        if first:
            meaning = tap.format(rtp.payload_type)
            carries = meaning.name if meaning else "unknown"
            self._owner.record(
                self, "begins", at=packet.came_at, sender=sender, carries=carries, payload_type=rtp.payload_type
            )
        if changes:
            self._note(sender, changes)
        if tap.event_clock(rtp.payload_type) is not None:
            self._arm()

    def _left(self, sender: Role, packet: Passing, at: float) -> None:
        target = self._rtp[sender].target
        if sender == self.role and target is not None:
            self._owner.on_the_wire(at, self._told(), target, packet.data)
        tap = self.taps[sender]
        clock = tap.event_clock(packet.data[1] & 0x7F) if len(packet.data) > 1 else None
        if clock is None:
            return
        rtp = RtpPacket.parse(packet.data)
        if rtp is not None:
            self._tell(sender, tap.delivered.packet(rtp, clock, at))
            self._arm()

    # --- key presses -----------------------------------------------------------------------------------------

    def _note(self, sender: Role, changes: Iterable[Change]) -> None:
        """Presses as they came to the relay: for the record."""
        for change in changes:
            if change.what != "settled":
                continue
            press = change.press
            self.taps[sender].sent.append(press)
            self._owner.record(
                self,
                "digit",
                sender=sender,
                digit=press.digit,
                method="telephone-event",
                payload_type=press.payload_type,
                units=press.units,
                clock_rate=press.clock_rate,
                duration_ms=press.duration_ms,
                packets=press.packets,
                end_packets=press.end_packets,
                marker=press.marked,
                volume=press.volume,
            )

    def _tell(self, sender: Role, changes: Iterable[Change]) -> None:
        """Presses as they got through: for the hearer."""
        listener = self._listeners.get(other(sender))
        if listener is None:
            return
        for change in changes:
            press = change.press
            if change.what == "began":
                listener(m.DigitStart(at=press.began, call="", digit=press.digit, method="telephone-event"))
            elif change.what == "ended":
                listener(
                    m.DigitEnd(
                        at=press.last,
                        call="",
                        digit=press.digit,
                        method="telephone-event",
                        duration_ms=press.duration_ms,
                    )
                )

    def _arm(self) -> None:
        """Wake up when a press is over for lack of packets."""
        waits = [each.deadline for tap in self.taps.values() for each in (tap.arriving, tap.delivered)]
        first = min((wait for wait in waits if wait is not None), default=None)
        if first is None or (self._timer is not None and self._timer.when() <= first):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(first, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = time.monotonic()
        for sender, tap in self.taps.items():
            self._note(sender, tap.arriving.tick(now))
            self._tell(sender, tap.delivered.tick(now))
        self._arm()

    # --- the end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Give the ports free and put the sums on the timeline. Can be repeated."""
        if self.closed:
            return
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        for flow in (*self._rtp.values(), *self._rtcp.values()):
            flow.close()
        self._outside.close()
        self._inside.close()
        for sender, tap in self.taps.items():
            self._note(sender, tap.arriving.finish())
            self._tell(sender, tap.delivered.finish())
            if self._media_up:
                self._sum_up(tap)
        self._owner.gone(self)

    def forget_packets(self) -> None:
        """Keep the sums only."""
        for tap in self.taps.values():
            tap.packets.clear()

    def _sum_up(self, tap: Tap) -> None:
        total = tap.summary()
        self._owner.record(
            self,
            "sums up",
            sender=total.sender,
            packets=total.packets,
            codec=total.codec,
            lost=total.lost_before,
            dropped=total.dropped,
            events=total.events,
        )

    def _broke(self, error: Exception) -> None:
        self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._owner.record(self, "fails", error=why)


def other(role: Role) -> Role:
    """The party at the other end."""
    return "callee" if role == "caller" else "caller"
