"""Who is registered: SIP clients at this server, and simulated phones at registrars."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.network import Network


def registrations_of(network: Network) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """`clients`, the user agents that have registered at this server, and `phones`, with their state; no passwords."""
    return {
        "clients": [
            {
                "client": client,
                "address": f"sip:{client}@{network.public_address}",
                "contact": binding.contact.decode("latin-1"),
                "peer": str(binding.source),
                "transport": binding.source.transport,
                "expires_in_s": remaining,
            }
            for client, binding, remaining in network.front_door.clients.registered
        ],
        "phones": [
            {
                "phone_id": phone.id,
                "phone": phone.name,
                "address": one.account.address,
                "registrar": one.account.registrar,
                "state": one.state,
                "because": one.because,
                "expires_in_s": None if one.expires_at is None else max(0, round(one.expires_at - time.monotonic())),
            }
            for phone, one in network.registrations
        ],
    }
