"""Where packets may go: the one policy that every exit asks.

Allowed are loopback, the other addresses of this machine, and the hosts that the user has allowed. An exit asks with a
host as it came, in a URI, a Via or a session description, and gets the address to send to, or None. Names are looked up
for allowed hosts only, once in a run, and never while an exit waits for the answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

from simulator.host_name import check_hosts
from simulator.name_lookup import look_up
from simulator.own_addresses import is_own_address
from simulator.public_host import PublicHost
from simulator.refusal_counts import RefusalCounts
from simulator.timeline import Timeline

Exit = Literal["front door", "worker", "worker media", "relay", "video", "http"]
"""What sends packets; in records."""

HELD = "0.0.0.0"  # noqa: S104  # compared, not bound
"""The media address of a peer that holds the call as RFC 2543 has it: it wants no packets, and that is no refusal."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Destinations:
    """Loopback, this machine, and `allow_hosts`: names, or addresses. Raises ConfigurationError for other values.

    What is sent to the `public` host goes to the address that this machine is bound to.
    `timeline` gets a record of kind `destination` for the first refusal of each exit and host, for the 10th, the 100th,
    and so on. `is_own` and `look_up` can be replaced in tests.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        public: PublicHost | None = None,
        timeline: Timeline | None = None,
        is_own: Callable[[str], bool] = is_own_address,
        look_up: Callable[[str], Awaitable[tuple[str, ...]]] = look_up,
    ) -> None:
        self.allow_hosts = frozenset(_canonical(host) for host in check_hosts(allow_hosts, name="allow_hosts"))
        self._public = public
        self.on_learned: Callable[[str, tuple[str, ...]], None] | None = None
        """Called with an allowed name and its addresses, once they are known."""
        self._timeline = timeline
        self._is_own = is_own
        self._look_up = look_up
        self._addresses: dict[str, tuple[str, ...]] = {}
        """Addresses of allowed names."""
        self._failures: dict[str, str] = {}
        """Why the addresses of allowed names are not known."""
        self._look_ups: dict[str, asyncio.Task[tuple[str, ...]]] = {}
        self._refusals = RefusalCounts()

    @property
    def known_names(self) -> Mapping[str, tuple[str, ...]]:
        """The allowed names whose addresses are known, and these."""
        return self._addresses

    # --- questions -------------------------------------------------------------------------------------------

    def is_this_machine(self, host: str) -> bool:
        """Whether a host is `localhost`, or an address of this machine."""
        address = _literal(host)
        if address is None:
            return _canonical(host) == "localhost"
        return address.is_loopback or self._is_own(str(address))

    def is_allowed(self, host: str) -> bool:
        """Whether packets may be sent to a host; the addresses of a name need not be known yet."""
        return _canonical(host) in self.allow_hosts or bool(self.addresses_of(host))

    def permits(self, host: str) -> bool:
        """Whether packets may be sent to a host; the name of an allowed one is not looked up."""
        return self.is_this_machine(host) or self.is_allowed(host)

    def addresses_of(self, host: str) -> tuple[str, ...]:
        """The addresses of a host to which packets may be sent, as far as they are known."""
        if self._public is not None and self._public.is_named(host):
            return (self._public.host,)
        address = _literal(host)
        if address is None:
            name = _canonical(host)
            return ("127.0.0.1",) if name == "localhost" else self._addresses.get(name, ())
        text = str(address)
        allowed = address.is_loopback or text in self.allow_hosts or self._is_own(text)
        return (text,) if allowed or any(text in known for known in self._addresses.values()) else ()

    def address_of(self, host: str) -> str | None:
        """The IPv4 address to send SIP and RTP to; None when nothing may be sent to the host, or none is known."""
        return next((address for address in self.addresses_of(host) if ":" not in address), None)

    def refusal(self, host: str) -> str | None:
        """Why no SIP and RTP is sent to a host; None when it may be."""
        if self.address_of(host) is not None:
            return None
        if self.addresses_of(host):
            return f"{host} has no IPv4 address"
        if (name := _canonical(host)) in self.allow_hosts:
            return f"{host} is allowed, but has no address: {self._failures.get(name, 'it was not looked up yet')}"
        return f"{host or 'an empty host'} is not on this machine and not in allow_hosts"

    # --- exits -----------------------------------------------------------------------------------------------

    def admit(self, exit_: Exit, host: str, port: int | None = None, **about: Any) -> str | None:
        """The IPv4 address to send to; None when nothing may be sent, which is recorded with `about`.

        Media to the address of a peer that holds the call are not sent either, but that is no refusal.
        """
        address = self.address_of(host)
        if address is None and not (host == HELD and exit_ in ("relay", "video")):
            self.refused(exit_, host, port, self.refusal(host) or "", **about)
        return address

    def refused(self, exit_: Exit, host: str, port: int | None, because: str, **about: Any) -> None:
        """Count a refusal, and record it if it is the first one of this host and exit, the 10th, the 100th, …"""
        count = self._refusals.count(exit_, host)
        if count is not None and self._timeline is not None:
            self._timeline.append(
                "destination", exit=exit_, host=host, port=port, because=because, count=count, **about
            )

    def forget_refusals(self) -> None:
        """Count from 1 again."""
        self._refusals.clear()

    # --- names -----------------------------------------------------------------------------------------------

    async def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of a host that is allowed. A name is looked up unless its addresses are known.

        Raises OSError with the reason when nothing may be sent to the host, or when it has no address.
        """
        if known := self.addresses_of(host):
            return known
        name = _canonical(host)
        if name not in self.allow_hosts:
            raise OSError(self.refusal(host))
        addresses = await asyncio.shield(self._start_look_up(name))
        if not addresses:
            raise OSError(self.refusal(host))
        return addresses

    def learn(self, name: str, addresses: tuple[str, ...]) -> None:
        """Keep the addresses of an allowed name for the rest of the run."""
        if addresses and (known := _canonical(name)) in self.allow_hosts:
            self._addresses[known] = addresses
            if self.on_learned is not None:
                self.on_learned(known, addresses)

    def look_up_names(self) -> None:
        """Begin to look up all allowed names, so that their addresses are known when packets come from these."""
        for host in self.allow_hosts:
            if not self.addresses_of(host):
                self._start_look_up(host)

    def _start_look_up(self, name: str) -> asyncio.Task[tuple[str, ...]]:
        looking_up = self._look_ups.get(name)
        if looking_up is None:
            looking_up = self._look_ups[name] = asyncio.create_task(self._learn_name(name), name=f"look-up of {name}")
            looking_up.add_done_callback(lambda _: self._look_ups.pop(name, None))
        return looking_up

    async def _learn_name(self, name: str) -> tuple[str, ...]:
        try:
            addresses = await self._look_up(name)
        except OSError as failure:
            self._failures[name] = str(failure)
            return ()
        self.learn(name, addresses)
        return addresses

    def close(self) -> None:
        """Give up the look-ups in progress."""
        for looking_up in self._look_ups.values():
            looking_up.cancel()


def is_ipv6(host: str) -> bool:
    """Whether a host is a literal IPv6 address, to which SIP and RTP cannot be sent."""
    return isinstance(_literal(host), ipaddress.IPv6Address)


@lru_cache(maxsize=4096)
def _literal(host: str) -> Address | None:
    """Parse a literal address, with or without the brackets of a URI; an IPv4 address in IPv6 form becomes IPv4."""
    text = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _canonical(host: str) -> str:
    """A host in the one form in which hosts are compared."""
    address = _literal(host)
    return str(address) if address is not None else host.lower().removesuffix(".")
