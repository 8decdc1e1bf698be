"""Why a room has not sent `dialin-ready`, as far as its properties and its session are the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fake_daily_server.domain.room import Room


def why_not_ready(names: Sequence[str], rooms: Iterable[Room]) -> str | None:
    """Why none of these rooms has sent `dialin-ready`; None if one has, or if no such event is in `names`."""
    if "dialin-ready" not in names:
        return None
    reasons = [_reason(room) for room in rooms]
    known = [reason for reason in reasons if reason is not None]
    return "; ".join(known) if known and len(known) == len(reasons) else None


def _reason(room: Room) -> str | None:
    name, endpoints = room.name, room.dialin.endpoints
    if not endpoints:
        return f"room {name} has 0 SIP endpoints; give it the property `sip: {{num_endpoints: 1}}`"
    if not room.dialin.open_endpoints:
        return f"the SIP endpoints of room {name} are closed; its property `enable_dialin` is false"
    if not room.endpoints_registered:
        return f"nobody is in room {name}, so its SIP endpoints are not registered"
    return None
