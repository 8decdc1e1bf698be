"""The RTP relay of a network: one path for each call, found again by its Call-ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.relay.path import RelayPath
from simulator.relay.ports import NoPorts, Ports
from simulator.timeline import Timeline
from simulator.useragent import messages as m
from simulator.useragent.sdp import MediaAddress

_REMEMBERED = 32
"""Paths of ended calls that are found and have their packets; older ones have their sums only."""

OnTheWire = Callable[[float, tuple[str, int], tuple[str, int], bytes], None]
"""Told of each packet: `time.monotonic()`, from, to, UDP payload."""


class Relay:
    """Opens a path for each call that one of our user agents begins, or answers when the caller is a foreign one.

    Used on one loop; packets pass in its callbacks. What it sees goes to the timeline as kind `rtp`.
    """

    def __init__(self, timeline: Timeline, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.paths: list[RelayPath] = []
        """Open ones, oldest first."""
        self.wiretap: OnTheWire | None = None
        self.on_path: Callable[[RelayPath], None] | None = None
        """Told of each path once its Call-ID is known."""
        self._timeline = timeline
        self._ports = Ports(host)
        self._over: dict[str, RelayPath] = {}

    def open(self, *, answering: str | None = None) -> RelayPath | None:
        """A path for a call that is about to be dialled, or for the answer to the call with this Call-ID.

        None when no ports are free; the timeline says so, and the call goes without.
        """
        try:
            outside, inside = self._ports.two_pairs()
        except NoPorts as none:
            self._timeline.append("rtp", action="fails", error=str(none), sip_call_id=answering)
            return None
        path = RelayPath(self, self.host, outside, inside, "caller" if answering is None else "callee")
        self.paths.append(path)
        if answering is not None:
            path.set_call_id(answering)
        return path

    def find_path(self, incoming: m.Incoming) -> RelayPath | None:
        """The path that an incoming call comes through already: its offer names one of our ports."""
        address = MediaAddress.parse(incoming.sdp) if incoming.sdp else None
        if address is None or address.host != self.host:
            return None
        return next((path for path in self.paths if path.ports.outside == address.rtp), None)

    def find(self, sip_call_id: str) -> RelayPath | None:
        """The path of a call, also for a while after the call's end."""
        return next((path for path in self.paths if path.sip_call_id == sip_call_id), self._over.get(sip_call_id))

    def close(self) -> None:
        """Close all paths."""
        for path in tuple(self.paths):
            path.close()

    def forget(self) -> None:
        """Close all paths and forget those of ended calls."""
        self.close()
        self._over.clear()

    # --- for paths -------------------------------------------------------------------------------------------

    def begins(self, path: RelayPath) -> None:
        """A path has its Call-ID."""
        if self.on_path is not None:
            self.on_path(path)

    def record(self, path: RelayPath, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Something for the timeline."""
        self._timeline.append("rtp", at=at, action=action, sip_call_id=path.sip_call_id, **fields)

    def on_the_wire(self, at: float, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        """A packet for a capture, if there is one."""
        if self.wiretap is not None:
            self.wiretap(at, source, target, data)

    def gone(self, path: RelayPath) -> None:
        """A path is closed."""
        self.paths.remove(path)
        if path.sip_call_id:
            self._over[path.sip_call_id] = path
            while len(self._over) > _REMEMBERED:
                self._over.pop(next(iter(self._over))).forget_packets()
