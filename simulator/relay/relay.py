"""The RTP relay of a network: one path for each call."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from simulator.destinations import Destinations
from simulator.public_host import LOOPBACK, PublicHost
from simulator.relay.path import RelayPath
from simulator.relay.ports import NoFreePorts, PortAllocator
from simulator.sdp.description import Description
from simulator.sdp.own import live_audio
from simulator.timeline import Timeline
from simulator.useragent import messages as m
from simulator.useragent.media_path import Role

_KEPT_CLOSED_PATHS = 32
"""Closed paths that keep their packets; older ones keep their totals only."""

PacketObserver = Callable[[float, tuple[str, int], tuple[str, int], bytes], None]
"""Gets `time.monotonic()`, source, target and UDP payload of a packet."""


class Relay:
    """Opens a path for each call that a user agent of this program dials, or that it answers to a foreign caller.

    Used on one loop, in whose callbacks packets pass. What it observes goes to the timeline as records of kind `rtp`.
    """

    def __init__(
        self,
        timeline: Timeline,
        *,
        public: PublicHost = LOOPBACK,
        destinations: Destinations | None = None,
        symmetric_rtp: bool = True,
    ) -> None:
        """Bind to the host of `public`, whose public address session descriptions have.

        `destinations` says where packets may be sent; without it only to this machine. With `symmetric_rtp` peers get
        packets where theirs come from, if their descriptions name another address.
        """
        self.host = public.host
        self._public_host = public.sip_host
        self._destinations = destinations or Destinations()
        self._symmetric = symmetric_rtp
        self.paths: list[RelayPath] = []
        """The open ones, oldest first."""
        self.on_packet: PacketObserver | None = None
        """Called for every packet between the relay and a peer's media address."""
        self._timeline = timeline
        self._ports = PortAllocator(self.host)
        self._closed: deque[RelayPath] = deque()

    def open(self, *, answering: str | None = None) -> RelayPath | None:
        """A path for a call that is about to be dialled, or for the answer to the call with this Call-ID.

        None when no ports are free: the call then has no path, which is recorded on the timeline.
        """
        try:
            outside, inside = self._ports.two_pairs()
        except NoFreePorts as error:
            self._timeline.append("rtp", action="fails", error=str(error), sip_call_id=answering)
            return None
        role: Role = "caller" if answering is None else "callee"
        path = RelayPath(
            self, self.host, outside, inside, role, symmetric=self._symmetric, public_host=self._public_host
        )
        self.paths.append(path)
        if answering is not None:
            path.set_call_id(answering)
        return path

    def find_path(self, incoming: m.Incoming) -> RelayPath | None:
        """The path that an incoming call passes already, because its offer names a port of the relay."""
        offer = Description.parse(incoming.sdp) if incoming.sdp else None
        index = live_audio(offer) if offer else None
        address = offer.sections[index].address if offer and index is not None else None
        if address is None or address.host not in (self.host, self._public_host):
            return None
        return next((path for path in self.paths if path.ports.outside == address.rtp), None)

    def close(self) -> None:
        """Close all paths."""
        for path in tuple(self.paths):
            path.close()

    def reset(self) -> None:
        """Close all paths, and no longer keep those of ended calls."""
        self.close()
        self._closed.clear()

    # --- called by paths -------------------------------------------------------------------------------------

    def record(self, path: RelayPath, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Add a record to the timeline."""
        self._timeline.append("rtp", at=at, action=action, sip_call_id=path.sip_call_id, **fields)

    def permitted(self, path: RelayPath, target: tuple[str, int]) -> tuple[str, int] | None:
        """The address to send to for a target; None when nothing may be sent there, which is recorded."""
        host, port = target
        address = self._destinations.admit("relay", host, port, sip_call_id=path.sip_call_id)
        return None if address is None else (address, port)

    def packet_on_the_wire(self, at: float, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        """A packet passed between the relay and a peer's media address."""
        if self.on_packet is not None:
            self.on_packet(at, source, target, data)

    def path_closed(self, path: RelayPath) -> None:
        """A path is closed."""
        self.paths.remove(path)
        self._closed.append(path)
        while len(self._closed) > _KEPT_CLOSED_PATHS:
            self._closed.popleft().forget_packets()
