"""All faults that are set on a server, by what they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.fault_count import FaultList
from simulator.network import Network

if TYPE_CHECKING:
    from fake_daily_server.site import Site


def fault_lists(network: Network, site: Site) -> Mapping[str, FaultList[Any]]:
    """The lists of faults: on SIP messages, events of clients, webhook events, REST requests and digits of clients."""
    return {
        "sip": network.front_door.faults,
        "clients": site.event_faults,
        "webhooks": site.webhooks.faults,
        "rest": site.rest_faults,
        "digits": site.digit_faults,
    }


def faults_set(network: Network, site: Site) -> dict[str, list[dict[str, Any]]]:
    """The faults that are set, as the requests that have set them, each with `taken`: how many it has taken."""
    return {
        name: [{**fault.model_dump(exclude_none=True), "taken": count.taken} for fault, count in faults]
        for name, faults in fault_lists(network, site).items()
    }
