"""The front door: one fixed SIP address in front of many user agents.

    async with FrontDoor(port=0, switch=lambda invite: group) as door: ...

Peers talk to `door.address` over UDP or TCP; the `switch` names the group of workers that takes each new call.
"""

from simulator.front_door.door import FrontDoor
from simulator.front_door.invite import Invite, Switch
from simulator.front_door.pacing import Destination, Group, Refusal

__all__ = ["Destination", "FrontDoor", "Group", "Invite", "Refusal", "Switch"]
