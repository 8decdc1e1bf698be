"""The relay path of one call: four sockets, two directions, and the digits and codecs in the packets."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Any, Literal, Protocol

from simulator.errors import CallError, ConfigurationError
from simulator.relay.digit_sender import DigitSender
from simulator.relay.faults import Faults
from simulator.relay.flow import Flow, ReceivedPacket
from simulator.relay.path_digits import DigitListener, PathDigits
from simulator.relay.ports import PortPair
from simulator.relay.rtp import RtpPacket, has_rtcp_type
from simulator.relay.stream_injector import StreamInjector
from simulator.relay.tap import Tap
from simulator.return_address import ReturnAddress
from simulator.sdp.description import Description, MediaSection
from simulator.useragent import messages as m
from simulator.useragent.media_path import Role, other_role
from simulator.useragent.outgoing_digit import OutgoingDigit

Towards = Literal["caller", "callee", "both"]
"""The receivers of the packets that faults are for."""
_AGREED_WITHIN_S = 1.0
"""Longest time from the answer to a call until the caller's user agent has reported it."""


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

    The session description for the peer names the ports `outside`, and the own side sends to `inside`. What is
    received on one of them is sent from the other, so that each side gets packets from the port that it sends to. With
    `symmetric` the peer gets them where its own come from (RFC 4961). `role` tells whether the own side is caller or
    callee.
    """

    def __init__(
        self,
        owner: PathOwner,
        host: str,
        outside: PortPair,
        inside: PortPair,
        role: Role,
        *,
        symmetric: bool,
        public_host: str,
    ) -> None:
        self.role = role
        self.sip_call_id = ""
        self.ports = m.RelayPorts(host=host, public_host=public_host, outside=outside.port, inside=inside.port)
        self.taps: dict[Role, Tap] = {"caller": Tap("caller"), "callee": Tap("callee")}
        """By sender."""
        self.closed = False
        self._agreed = asyncio.Event()
        """Whether an exchange of offer and answer is complete, so that both sides' addresses are known."""
        self._owner = owner
        self._host = host
        self._outside = outside
        self._inside = inside
        self._digits = PathDigits(self.taps, partial(owner.record, self))
        self._injectors: dict[Role, StreamInjector] = {}
        self._digit_senders: dict[Role, DigitSender] = {}
        self._media_up = False
        self._failed = False
        self._peer: Role = other_role(role)
        self._rtp: dict[Role, Flow] = {
            self._peer: self._rtp_flow(outside, inside, self._peer),
            role: self._rtp_flow(inside, outside, role),
        }
        self._rtcp: dict[Role, Flow] = {
            self._peer: self._rtcp_flow(outside, inside, self._peer),
            role: self._rtcp_flow(inside, outside, role),
        }
        self._peer_rtp = ReturnAddress(symmetric=symmetric)
        self._peer_rtcp = ReturnAddress(symmetric=symmetric)

    # --- signalling ------------------------------------------------------------------------------------------

    def set_call_id(self, sip_call_id: str) -> None:
        """Set the Call-ID; only the first one counts."""
        if not self.sip_call_id:
            self.sip_call_id = sip_call_id

    def handle_notice(self, notice: m.AnyCallNotice) -> None:
        """Handle a notice of the own side's user agent."""
        if isinstance(notice, m.MediaAgreed):
            self._take_agreement(notice)
        elif isinstance(notice, m.Media):
            self._media_up = True
            if not self._agreed.is_set():
                self._fail("the user agent did not lead its media through the relay")
        elif isinstance(notice, m.Ended):
            self.close()

    def _take_agreement(self, notice: m.MediaAgreed) -> None:
        """Send to the addresses at which both sides receive, from now on."""
        for text, receiver in ((notice.local, self.role), (notice.remote, self._peer)):
            description = Description.parse(text)
            if description is not None and notice.section < len(description.sections):
                self._set_receiver(receiver, description.sections[notice.section])
        self._agreed.set()

    def _set_receiver(self, receiver: Role, section: MediaSection) -> None:
        address, sender = section.address, other_role(receiver)
        if address is None:
            return
        self.taps[sender].add_receiver_formats(section.formats)
        self.taps[receiver].add_sender_formats(section.formats)
        if address.wants_nothing:
            self._set_targets(receiver, None, None)
        else:
            rtcp_host = address.rtcp_host or address.host
            self._set_targets(receiver, (address.host, address.rtp), (rtcp_host, address.rtcp))

    def _set_targets(self, receiver: Role, rtp: tuple[str, int] | None, rtcp: tuple[str, int] | None) -> None:
        """Send to a party at the addresses of its description, or where the peer's packets have come from."""
        sender = other_role(receiver)
        if receiver == self.role:
            self._rtp[sender].set_target(rtp)
            self._rtcp[sender].set_target(rtcp)
            return
        for flow, address, described in (
            (self._rtp[sender], self._peer_rtp, rtp),
            (self._rtcp[sender], self._peer_rtcp, rtcp),
        ):
            address.describe(described)
            flow.set_target(address.target)

    def _peer_sends_from(self, packet: ReceivedPacket, address: ReturnAddress, flow: Flow) -> None:
        """Send to where packets of the peer come from. A source that its description does not name is recorded."""
        source, target = packet.source, address.target
        if not address.received_from(source, packet.received_at):
            return
        if address.target != target and address.target is not None:
            flow.set_target(address.target)
        if address is self._peer_rtp and (source != address.described or address.target != target):
            self._owner.record(
                self,
                "source",
                sender=self._peer,
                source=_host_port(source),
                described=_host_port(address.described),
                sent_to=_host_port(address.target),
            )

    def on_digits(self, hearer: Role, listener: DigitListener) -> None:
        """Call `listener` with each telephone-event that is delivered to `hearer`; it replaces the listener before.

        The path does not know the call's key: `call` of these notices is an empty string.
        """
        self._digits.listen(hearer, listener)

    # --- faults and injection --------------------------------------------------------------------------------

    def impair(self, faults: Faults, *, towards: Towards = "both", seed: int | str = 0) -> None:
        """Apply faults to packets received from now on; `Faults()` ends an impairment.

        Packets that were delayed before are sent when they were to be.
        """
        if towards not in ("caller", "callee", "both"):
            raise ConfigurationError("towards", towards, "caller, callee or both")
        for sender in self.taps:
            if towards in ("both", other_role(sender)):
                self._rtp[sender].impair(faults, seed=f"{seed} rtp {sender}")
                self._rtcp[sender].impair(faults, seed=f"{seed} rtcp {sender}")
        self._owner.record(self, "faults", towards=towards, faults=str(faults))

    def injector(self, sender: Role) -> StreamInjector:
        """What injects packets into the stream of `sender`, whose own packets are renumbered accordingly."""
        if sender not in self._injectors:
            self._injectors[sender] = StreamInjector(partial(self._inject, sender))
            self._rtp[sender].rewrite = partial(self._rewrite, sender)
        return self._injectors[sender]

    async def send_digit(self, sender: Role, digit: OutgoingDigit) -> float:
        """Send a telephone-event in the stream of `sender`; see `DigitSender.send`.

        Raises CallError also when the receiver's session description names no address, as for a hold (RFC 3264 §8.4).
        """
        if not self._agreed.is_set():  # a callee may send before the caller's user agent has reported the answer
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._agreed.wait(), _AGREED_WITHIN_S)
        if self._rtp[sender].target is None:
            raise CallError(f"the {other_role(sender)} has named no address for RTP")
        if sender not in self._digit_senders:
            self._digit_senders[sender] = DigitSender()
            self._rtp[sender].rewrite = partial(self._rewrite, sender)
        return await self._digit_senders[sender].send(digit)

    def _rewrite(self, sender: Role, data: bytes) -> bytes | None:
        """A packet of `sender` as it is sent on: in the numbering that injected packets require, or as a digit's."""
        renumbered: bytes | None = data
        if (injector := self._injectors.get(sender)) is not None:
            renumbered = injector.rewrite(data)
        digits = self._digit_senders.get(sender)
        return renumbered if digits is None or renumbered is None else digits.rewrite(renumbered)

    def _inject(self, sender: Role, data: bytes) -> None:
        source = self._rtp[other_role(sender)].target or (self._host, 0)
        self._rtp[sender].inject(data, source)

    # --- packets ---------------------------------------------------------------------------------------------

    def _rtp_flow(self, entrance: PortPair, exit_: PortPair, sender: Role) -> Flow:
        flow = Flow(
            entrance.rtp,
            exit_.rtp,
            on_received=partial(self._rtp_received, sender),
            on_sent=partial(self._rtp_sent, sender),
            on_error=self._socket_error,
            permitted=partial(self._owner.permitted, self),
        )
        flow.divert = partial(self._divert_rtcp, sender)
        return flow

    def _divert_rtcp(self, sender: Role, packet: ReceivedPacket) -> bool:
        """Pass RTCP that was sent to the RTP port on as RTCP."""
        is_rtcp = has_rtcp_type(packet.data) and self.taps[sender].format(packet.data[1] & 0x7F) is None
        if is_rtcp:
            self._rtcp[sender].take(packet._replace(rtcp_on_rtp_port=True))
        return is_rtcp

    def _rtcp_flow(self, entrance: PortPair, exit_: PortPair, sender: Role) -> Flow:
        def received(packet: ReceivedPacket, _: tuple[float, ...]) -> None:
            if sender == self._peer:
                if not packet.rtcp_on_rtp_port:
                    self._peer_sends_from(packet, self._peer_rtcp, self._rtcp[self.role])
                port = self._outside_address(0 if packet.rtcp_on_rtp_port else 1)
                self._owner.packet_on_the_wire(packet.received_at, packet.source, port, packet.data)

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
        if sender == self._peer and tap.format(rtp.payload_type) is not None:
            self._peer_sends_from(packet, self._peer_rtp, self._rtp[self.role])
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
            self._digits.arrived(sender, updates)
        if tap.event_clock(rtp.payload_type) is not None:
            self._digits.set_timer()

    def _rtp_sent(self, sender: Role, packet: ReceivedPacket, at: float) -> None:
        target = self._rtp[sender].target
        if sender == self.role and target is not None:
            self._owner.packet_on_the_wire(at, self._outside_address(), target, packet.data)
        self._digits.sent_on(sender, packet.data, at)

    # --- end -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Free the ports and record the totals on the timeline. Does nothing when it is closed already."""
        if self.closed:
            return
        self.closed = True
        self._digits.stop()
        for flow in (*self._rtp.values(), *self._rtcp.values()):
            flow.close()
        for digits in self._digit_senders.values():
            digits.close()
        self._outside.close()
        self._inside.close()
        for sender, tap in self.taps.items():
            self._digits.finish(sender)
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
            jitter_ms=total.jitter_ms,
        )

    def _socket_error(self, error: Exception) -> None:
        self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._owner.record(self, "fails", error=why)


def _host_port(address: tuple[str, int] | None) -> str | None:
    return None if address is None else f"{address[0]}:{address[1]}"
