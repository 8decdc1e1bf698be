"""Hosts whose calls are admitted by the address that they come from, by a password, or by both."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.front_door.final_responses import FinalResponse
from simulator.registrar.digest import Algorithm
from simulator.registrar.proof import PasswordProof
from simulator.registrar.reply import Refused
from simulator.sip_bytes import user_and_host
from simulator.sip_requests.request import Request

MOST_ADMITTED = 4096
"""How many admitted calls are remembered, the latest ones: each is asked about within seconds."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a call to a host needs. With a credential, the realm of the challenge is the host."""

    admits_address: Callable[[str], bool] = lambda host: True
    """Whether calls may come from an IPv4 address."""
    credential: tuple[str, str] | None = field(default=None, repr=False)
    """A name and a password; None if none is needed."""


class GuardedHosts:
    """Admits and refuses INVITEs to hosts that have a guard; until `serve` there are none."""

    def __init__(self) -> None:
        self._guard_of: Callable[[str], Guard | FinalResponse | None] = lambda host: None
        self._now: Callable[[], float] = float
        self._proof = PasswordProof(("MD5",))
        self._admitted: dict[tuple[str, str], None] = {}
        """Call-ID and host of calls that were admitted, the oldest first."""

    def serve(
        self,
        guard_of: Callable[[str], Guard | FinalResponse | None],
        *,
        now: Callable[[], float],
        algorithms: Sequence[Algorithm] = ("MD5",),
    ) -> None:
        """Use these guards and this clock from now on.

        `guard_of` gets the lower-case host of a Request-URI, and returns None for one that has no guard.
        """
        self._guard_of, self._now = guard_of, now
        self._proof = PasswordProof(algorithms, secrets.token_bytes(32))

    def is_guarded(self, request: Request) -> bool:
        """Whether the Request-URI has a host that has a guard."""
        return self._guard_of(user_and_host(request.uri)[1]) is not None

    def has_admitted(self, call_id: str, host: str) -> bool:
        """Whether a call with this Call-ID to this host, in any case, was admitted lately.

        Workers can be called at their own addresses, too, past the front door.
        """
        return (call_id, host.lower()) in self._admitted

    def screen_call(self, request: Request) -> FinalResponse | None:
        """The challenge or refusal of an INVITE; None for one that may go on, which loses its credentials."""
        host = user_and_host(request.uri)[1]
        refusal = self._refusal(request, host)
        if refusal is None:
            self._admitted[request.call_id, host] = None
            if len(self._admitted) > MOST_ADMITTED:
                del self._admitted[next(iter(self._admitted))]
        return refusal

    def _refusal(self, request: Request, host: str) -> FinalResponse | None:
        guard = self._guard_of(host)
        if guard is None or isinstance(guard, FinalResponse):
            return guard
        if not guard.admits_address(request.source.host):
            return FinalResponse(403, "Forbidden", because=f"calls may not come from {request.source.host}")
        if guard.credential is None:
            return None
        user, password = guard.credential
        try:
            self._proof.require(request, user, password, realm=host, now=self._now(), by_proxy=True)
        except Refused as refusal:
            reply = refusal.reply
            because = str(reply.record.get("because", ""))
            return FinalResponse(reply.status, reply.reason, reply.headers, because)
        fields = request.message.fields
        fields[:] = [one for one in fields if one[0] != b"proxy-authorization"]
        return None
