"""Connects the SIP trunks of a domain with the network: its front door admits their calls."""

from __future__ import annotations

from collections.abc import Callable

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.telephony.machines.inputs import Refusal
from fake_daily_server.values.sip_trunk import SipTrunk
from simulator.front_door.final_responses import FinalResponse
from simulator.front_door.guarded_hosts import Guard
from simulator.network import Network

NO_TRUNK = Refusal(404, "Not Found", "the domain has no such SIP trunk")
DISABLED = Refusal(403, "Forbidden", "the SIP trunk is disabled")


def trunk_at(domain: DomainStore, host: str) -> SipTrunk | Refusal | None:
    """The trunk that a host is of, or why it takes no calls; None if the host is no trunk's."""
    name = domain.sip_trunks.hosts.name_of(host)
    if name is None:
        return None
    trunk = domain.sip_trunks.named(name)
    if trunk is None:
        return NO_TRUNK
    return trunk if trunk.enabled else DISABLED


def serve_sip_trunks(domain: DomainStore, network: Network, now: Callable[[], float]) -> None:
    """Let the front door of `network` guard the hosts of the trunks of `domain`; `now` gives unix seconds."""

    def guard_of(host: str) -> Guard | FinalResponse | None:
        admitted = trunk_at(domain, host)
        if isinstance(admitted, Refusal):
            return FinalResponse(admitted.status, admitted.reason, because=admitted.explanation)
        if admitted is None:
            return None
        credential = admitted.config.credential
        return Guard(
            admits_address=admitted.admits_address,
            credential=None if credential is None else (credential.username, credential.password),
        )

    network.trunk_hosts = lambda host: domain.sip_trunks.hosts.name_of(host) is not None
    hosts = network.front_door.guarded_hosts
    hosts.serve(guard_of, now=now, algorithms=domain.settings.sip_client_algorithms)
