"""The room of a call to a SIP trunk, made from the trunk's template."""

from __future__ import annotations

import secrets

from fake_daily_server.domain.room import Privacy, Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.values.sip_trunk import SipTrunk

PREFIX = "trunk-"
"""The beginning of the names of these rooms."""


def make_trunk_room(rooms: RoomStore, trunk: SipTrunk) -> Room:
    """Make a room `trunk-<hex>` that expires `exp_offset` seconds from now; those of calls long past are forgotten.

    Raises InvalidRequest for a template that the domain does not allow, such as dial-out that is not in its plan.
    """
    properties = dict(trunk.room_template)
    privacy: Privacy = properties.pop("privacy", "public")
    properties["exp"] = rooms.clock() + trunk.config.exp_offset
    rooms.forget_expired(named=PREFIX)
    return rooms.create(f"{PREFIX}{secrets.token_hex(8)}", privacy, properties)
