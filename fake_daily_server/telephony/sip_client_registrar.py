"""Connects the SIP clients of a domain with the network: its front door is their registrar."""

from __future__ import annotations

from collections.abc import Callable

from fake_daily_server.domain.domain_store import DomainStore
from simulator.network import Network
from simulator.registrar import ExpiryLimits, Registrar


def serve_sip_clients(domain: DomainStore, network: Network, now: Callable[[], float]) -> None:
    """Let the front door of `network` register the SIP clients of `domain`; `now` gives unix seconds."""
    settings, clients = domain.settings, domain.sip_clients
    registrar = Registrar(
        domain.sip_address,
        clients.password_of,
        hosts=network.own_hosts,
        algorithms=settings.sip_client_algorithms,
        expiry=ExpiryLimits(settings.sip_client_least_expiry, settings.sip_client_most_expiry),
    )
    clients.on_removed = registrar.drop
    network.front_door.clients.serve(registrar, now=now, is_open=lambda: clients.ever_used)
