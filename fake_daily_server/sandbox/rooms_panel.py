"""The rooms on the page: their addresses, who is in them, and what can be done there."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fake_daily_server.domain.room import Room
from fake_daily_server.sandbox.forms import Field, copied, form
from fake_daily_server.values.participants import Participant

TARGETS = "targets"
"""Id of the `<datalist>` with the numbers and URIs that can be called."""


def rooms_panel(rooms: Iterable[Room]) -> str:
    """All rooms, and the form for a new one."""
    new = form(
        "new-room",
        "POST /v1/rooms",
        "create",
        Field("name", "name"),
        Field("properties.enable_dialout", "dial-out", "true", "boolean"),
        Field("properties.sip.sip_mode", "", "dial-in", fixed=True),
        Field("properties.sip.display_name", "name of callers", "caller"),
        Field("properties.sip.num_endpoints", "SIP endpoints", "2", "number"),
    )
    return "".join(_room(room) for room in rooms) + f'<details class="new"><summary>New room</summary>{new}</details>'


def _room(room: Room) -> str:
    path = f"/v1/rooms/{room.name}"
    identity = f"room-{room.name}"
    addresses = {room.url: "room URL"} | dict.fromkeys(room.dialin.sip_uris, "SIP URI")
    listed = "".join(f"<li>{copied(address, kind)}</li>" for address, kind in addresses.items())
    people = "".join(_participant(identity, path, who) for who in room.participants.values())
    return (
        f'<article id="{escape(identity)}" aria-label="room {escape(room.name)}"><h3>{escape(room.name)}'
        f"<small>{'live' if room.session else 'nobody is in it'}</small></h3>"
        f'<ul>{listed}</ul><ul class="people" aria-label="participants">{people}</ul><div class="actions">'
        + form(
            f"{identity}-join",
            f"POST /_sim/rooms/{room.name}/participants",
            "join a participant",
            Field("user_name", "name", "host"),
            Field("owner", "", "true", "boolean", fixed=True),
        )
        + form(
            f"{identity}-dial",
            f"POST {path}/dialOut/start",
            "dial out",
            Field("phoneNumber", "number", suggestions="numbers"),
            Field("sipUri", "or SIP URI"),
        )
        + form(
            f"{identity}-token",
            "POST /v1/meeting-tokens",
            "owner's token",
            Field("properties.room_name", "", room.name, fixed=True),
            Field("properties.is_owner", "", "true", "boolean", fixed=True),
        )
        + form(f"{identity}-delete", f"DELETE {path}", "delete room")
        + "</div></article>"
    )


def _participant(identity: str, path: str, who: Participant) -> str:
    kind = who.participant_type or "client"
    actions = ""
    if who.participant_type is not None:
        session = Field("sessionId", "", who.session_id, fixed=True)
        digits = Field("tones", "digits", "1#")
        actions = form(f"{identity}-{who.session_id}-dtmf", f"POST {path}/dialOut/sendDTMF", "send", session, digits)
    actions += form(
        f"{identity}-{who.session_id}-eject",
        f"POST {path}/eject",
        "eject",
        Field("ids", "", who.session_id, "list", fixed=True),
    )
    name = escape(who.user_name or "no name")
    return f'<li id="{escape(who.session_id)}"><b>{name}</b> <small>{escape(kind)}</small> {actions}</li>'
