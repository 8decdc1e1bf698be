"""The rooms on the page: their addresses, who is in them, and what can be done there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from fake_daily_server.domain.room import Room
from fake_daily_server.media.permissions import receives_audio
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
    present = [*room.participants.values()]
    people = "".join(_participant(identity, path, who, present) for who in present)
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
        + _end_session(identity, path, present)
        + form(f"{identity}-delete", f"DELETE {path}", "delete room")
        + "</div></article>"
    )


def _end_session(identity: str, path: str, present: Collection[Participant]) -> str:
    """The session of a room ends with its last participant, so that all of them are ejected."""
    if not present:
        return ""
    ids = " ".join(who.session_id for who in present)
    return form(f"{identity}-end", f"POST {path}/eject", "end session", Field("ids", "", ids, "list", fixed=True))


def _participant(identity: str, path: str, who: Participant, present: Iterable[Participant]) -> str:
    kind = who.participant_type or "client"
    actions = ""
    if who.participant_type is not None:
        session = Field("sessionId", "", who.session_id, fixed=True)
        digits = Field("tones", "digits", "1#")
        to = Field("toEndPoint", "to", suggestions=TARGETS)
        refer_to = Field("toEndPoint", "by REFER to", suggestions=TARGETS)
        mine = f"{identity}-{who.session_id}"
        actions = (
            form(f"{mine}-dtmf", f"POST {path}/dialOut/sendDTMF", "send", session, digits)
            + form(f"{mine}-transfer", f"POST {path}/sipCallTransfer", "transfer", session, to)
            + form(f"{mine}-refer", f"POST {path}/sipRefer", "refer", session, refer_to)
        )
    actions += form(
        f"{identity}-{who.session_id}-eject",
        f"POST {path}/eject",
        "eject",
        Field("ids", "", who.session_id, "list", fixed=True),
    )
    name = escape(who.user_name or "no name")
    sound = escape(_sound(who, present))
    return f'<li id="{escape(who.session_id)}"><b>{name}</b> <small>{escape(kind)} · {sound}</small> {actions}</li>'


def _sound(who: Participant, present: Iterable[Participant]) -> str:
    """Whether a participant sends sound, and whose it receives."""
    if "audio" in who.muted_remotely:
        sends = "muted"
    else:
        sends = "sends sound" if who.audio and who.may_send("audio") else "sends no sound"
    heard = [other.user_name or "no name" for other in present if other.audio and receives_audio(who, other)]
    return f"{sends}, hears {', '.join(heard) if heard else 'nobody'}"
