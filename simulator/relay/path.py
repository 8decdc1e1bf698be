"""The relay path of one call: four sockets, two directions, and the digits and codecs in the packets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, Protocol

from simulator.errors import ConfigurationError
from simulator.relay.faults import Faults
from simulator.relay.flow import Flow, ReceivedPacket
from simulator.relay.ports import PortPair
from simulator.relay.rtp import RtpPacket
from simulator.relay.stream_injector import StreamInjector
from simulator.relay.tap import Tap
from simulator.relay.telephone_event_receiver import DigitUpdate
from simulator.useragent import messages as m
from simulator.useragent.media_path import Role
from simulator.useragent.sdp import AudioSection, MediaAddress

Towards = Literal["caller", "callee", "both"]
"""The receivers of the packets that faults are for."""


class PathOwner(Protocol):
    """The relay that a path belongs to."""

    def record(self, path: RelayPath, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Add a record to the timeline."""

    def permitted(self, path: RelayPath, target: tuple[str, int]) -> tuple[str, int] | None:
        """The address to send to for a target; None when nothing may be sent there."""

    def packet_on_the_wire(self, at: float, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        """A packet passed between the relay and the peer's media address."""

    def path_closed(self, path: RelayPath) -> None:
        """The path is closed."""


class RelayPath:
    """Relays the media of one call between a user agent of this program, the own side, and its peer.

    The peer is told the ports `outside`, the own side sends to `inside`. What is received on one of them is sent from
    the other, so that each side gets packets from the port that it sends to (symmetric RTP). `role` tells whether the
    own side is caller or callee.
    """

    def __init__(self, owner: PathOwner, host: str, outside: PortPair, inside: PortPair, role: Role) -> None:
        self.role = role
        self.sip_call_id = ""
        self.ports = m.RelayPorts(host=host, outside=outside.port, inside=inside.port)
        self.taps: dict[Role, Tap] = {"caller": Tap("caller"), "callee": Tap("callee")}
        """By sender."""
        self.closed = False
        self.described: set[str] = set()
        """The sides whose session descriptions are known: "local", "remote"."""
        self._owner = owner
        self._host = host
        self._outside = outside
        self._inside = inside
        self._loop = asyncio.get_running_loop()
        self._digit_listeners: dict[Role, Callable[[m.DigitStart | m.DigitEnd], None]] = {}
        self._injectors: dict[Role, StreamInjector] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._media_up = False
        self._failed = False
        self._peer: Role = _other_role(role)
        self._rtp: dict[Role, Flow] = {
            self._peer: self._rtp_flow(outside, inside, self._peer),
            role: self._rtp_flow(inside, outside, role),
        }
        self._rtcp: dict[Role, Flow] = {
            self._peer: self._rtcp_flow(outside, inside, self._peer),
            role: self._rtcp_flow(inside, outside, role),
        }

    # --- signalling ------------------------------------------------------------------------------------------

    def set_call_id(self, sip_call_id: str) -> None:
        """Set the Call-ID; only the first one counts."""
        if not self.sip_call_id:
            self.sip_call_id = sip_call_id

    def handle_notice(self, notice: m.AnyCallNotice) -> None:
        """Handle a notice of the own side's user agent."""
        if isinstance(notice, m.OriginalSdp):
            self._take_description(notice)
        elif isinstance(notice, m.Media):
            self._media_up = True
            if len(self.described) < 2:
                self._fail("the user agent did not lead its media through the relay")
        elif isinstance(notice, m.Ended):
            self.close()

    def _take_description(self, notice: m.OriginalSdp) -> None:
        address, section = MediaAddress.parse(notice.sdp), AudioSection.parse(notice.sdp)
        if address is None or section is None:
            return
        self.described.add(notice.by)
        receiver = self.role if notice.by == "local" else self._peer
        sender = _other_role(receiver)
        self.taps[sender].add_receiver_formats(section.formats)
        self.taps[receiver].add_sender_formats(section.formats)
        self._rtp[sender].set_target((address.host, address.rtp))
        self._rtcp[sender].set_target((address.host, address.rtcp))

    def on_digits(self, hearer: Role, listener: Callable[[m.DigitStart | m.DigitEnd], None]) -> None:
        """Call `listener` for each digit that is delivered to a party; `call` is empty in these notices."""
        self._digit_listeners[hearer] = listener

    # --- faults and injection --------------------------------------------------------------------------------

    def impair(self, faults: Faults, *, towards: Towards = "both", seed: int | str = 0) -> None:
        """Apply faults to packets received from now on; `Faults()` ends an impairment.

        Packets that were delayed before are sent when they were to be.
        """
        if towards not in ("caller", "callee", "both"):
            raise ConfigurationError("towards", towards, "caller, callee or both")
        for sender in self.taps:
            if towards in ("both", _other_role(sender)):
                self._rtp[sender].impair(faults, seed=f"{seed} rtp {sender}")
                self._rtcp[sender].impair(faults, seed=f"{seed} rtcp {sender}")
        self._owner.record(self, "faults", towards=towards, faults=str(faults))

    def injector(self, sender: Role) -> StreamInjector:
        """What injects packets into the stream of `sender`, whose own packets are renumbered accordingly."""
        if sender not in self._injectors:
            injector = self._injectors[sender] = StreamInjector(partial(self._inject, sender))
            self._rtp[sender].rewrite = injector.rewrite
        return self._injectors[sender]

    def _inject(self, sender: Role, data: bytes) -> None:
        source = self._rtp[_other_role(sender)].target or (self._host, 0)
        self._rtp[sender].inject(data, source)

    # --- packets ---------------------------------------------------------------------------------------------

    def _rtp_flow(self, entrance: PortPair, exit_: PortPair, sender: Role) -> Flow:
        return Flow(
            entrance.rtp,
            exit_.rtp,
            on_received=partial(self._rtp_received, sender),
            on_sent=partial(self._rtp_sent, sender),
            on_error=self._socket_error,
            permitted=partial(self._owner.permitted, self),
        )

    def _rtcp_flow(self, entrance: PortPair, exit_: PortPair, sender: Role) -> Flow:
        def received(packet: ReceivedPacket, _: tuple[float, ...]) -> None:
            if sender == self._peer:
                self._owner.packet_on_the_wire(packet.received_at, packet.source, self._outside_address(1), packet.data)

        def sent(packet: ReceivedPacket, at: float) -> None:
            target = self._rtcp[sender].target
            if sender == self.role and target is not None:
                self._owner.packet_on_the_wire(at, self._outside_address(1), target, packet.data)

        return Flow(
            entrance.rtcp,
            exit_.rtcp,
            on_received=received,
            on_sent=sent,
            on_error=self._socket_error,
            permitted=partial(self._owner.permitted, self),
        )

    def _outside_address(self, offset: int = 0) -> tuple[str, int]:
        return (self._host, self._outside.port + offset)

    def _rtp_received(self, sender: Role, packet: ReceivedPacket, leaves: tuple[float, ...]) -> None:
        if sender == self._peer:
            self._owner.packet_on_the_wire(packet.received_at, packet.source, self._outside_address(), packet.data)
        rtp = RtpPacket.parse(packet.data)
        if rtp is None:
            return
        tap = self.taps[sender]
        is_new_type = tap.is_new_type(rtp.payload_type)
        updates = tap.observe(rtp, packet.received_at, leaves)
        if is_new_type:
            known = tap.format(rtp.payload_type)
            self._owner.record(
                self,
                "begins",
                at=packet.received_at,
                sender=sender,
                carries=known.name if known else "unknown",
                payload_type=rtp.payload_type,
            )
        if updates:
            self._record_digits(sender, updates)
        if tap.event_clock(rtp.payload_type) is not None:
            self._set_timer()

    def _rtp_sent(self, sender: Role, packet: ReceivedPacket, at: float) -> None:
        target = self._rtp[sender].target
        if sender == self.role and target is not None:
            self._owner.packet_on_the_wire(at, self._outside_address(), target, packet.data)
        tap = self.taps[sender]
        clock = tap.event_clock(packet.data[1] & 0x7F) if len(packet.data) > 1 else None
        if clock is None:
            return
        rtp = RtpPacket.parse(packet.data)
        if rtp is not None:
            self._report_digits(sender, tap.delivered.packet(rtp, clock, at))
            self._set_timer()

    # --- digits ----------------------------------------------------------------------------------------------

    def _record_digits(self, sender: Role, updates: Iterable[DigitUpdate]) -> None:
        """Record digits that reached the relay on the timeline, each once it is settled."""
        for update in updates:
            if update.what != "settled":
                continue
            digit = update.digit
            self.taps[sender].sent.append(digit)
            self._owner.record(
                self,
                "digit",
                sender=sender,
                digit=digit.digit,
                method="telephone-event",
                payload_type=digit.payload_type,
                units=digit.units,
                clock_rate=digit.clock_rate,
                duration_ms=digit.duration_ms,
                packets=digit.packets,
                end_packets=digit.end_packets,
                marker=digit.marked,
                volume=digit.volume,
            )

    def _report_digits(self, sender: Role, updates: Iterable[DigitUpdate]) -> None:
        """Report digits that were sent on to the listener of their receiver."""
        listener = self._digit_listeners.get(_other_role(sender))
        if listener is None:
            return
        for update in updates:
            digit = update.digit
            if update.what == "began":
                listener(m.DigitStart(at=digit.began, call="", digit=digit.digit, method="telephone-event"))
            elif update.what == "ended":
                listener(
                    m.DigitEnd(
                        at=digit.last,
                        call="",
                        digit=digit.digit,
                        method="telephone-event",
                        duration_ms=digit.duration_ms,
                    )
                )

    def _set_timer(self) -> None:
        """Have `_tick` run when a digit ends or settles for lack of packets."""
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
            self._record_digits(sender, tap.arriving.tick(now))
            self._report_digits(sender, tap.delivered.tick(now))
        self._set_timer()

    # --- end -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Free the ports and record the totals on the timeline. Does nothing when it is closed already."""
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
            self._record_digits(sender, tap.arriving.finish())
            self._report_digits(sender, tap.delivered.finish())
            if self._media_up:
                self._record_totals(tap)
        self._owner.path_closed(self)

    def forget_packets(self) -> None:
        """Discard the packets and keep the totals."""
        for tap in self.taps.values():
            tap.packets.clear()

    def _record_totals(self, tap: Tap) -> None:
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

    def _socket_error(self, error: Exception) -> None:
        self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._owner.record(self, "fails", error=why)


def _other_role(role: Role) -> Role:
    return "callee" if role == "caller" else "caller"
