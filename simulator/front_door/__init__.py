"""The front door: one fixed SIP address in front of many user agents.

    async with FrontDoor(port=0, router=lambda invite: group) as front_door: ...

Peers reach it at `front_door.address` over UDP or TCP, and at `front_door.tls.address` over TLS. The `router` names the
group of workers that takes a new call.
"""

from simulator.front_door.final_responses import FinalResponse
from simulator.front_door.front_door import FrontDoor
from simulator.front_door.load_balancing import Destination, DestinationGroup
from simulator.front_door.routing import CallRouter, Invite

__all__ = ["CallRouter", "Destination", "DestinationGroup", "FinalResponse", "FrontDoor", "Invite"]
