"""Timeline records as a person tells them: a lane and a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from simulator.timeline import Record

UNTOLD_EVENTS = frozenset(
    {
        "joined-meeting",
        "left-meeting",
        "meeting-session-updated",
        "meeting-session-summary-updated",
        "meeting-session-state-updated",
        "participant-counts-updated",
    }
)
"""Every scenario has them; they are told only in failures."""

_OPTIONS = ("phoneNumber", "sipUri", "tones", "method", "digitDurationMs", "sessionId")


@dataclass(frozen=True, slots=True)
class Told:
    """`lane` says who or what; `text` what happened. Those with one `thread` can share a line."""

    lane: str
    text: str
    thread: object = None


def told(record: Record) -> Told | None:
    """The words for a record, or None for what is of no interest beside the others."""
    tell = _TELLERS.get(record.kind)
    return None if tell is None else tell(record.fields)


def line(record: Record, began: float) -> str:
    """One line for a list of happenings; records without words of their own come as they are."""
    words = told(record)
    if words is None and record.kind == "event":
        words = Told("event", _event_text(record.fields["event"]))
    if words is None and record.kind == "rtp":
        words = Told("rtp", _rtp_text(record.fields))
    if words is None:
        said = " ".join(f"{name}={value}" for name, value in record.fields.items() if value not in (None, ""))
        words = Told(record.kind, said)
    return f"{record.at - began:8.3f}  {words.lane:<8} {words.text}"


def short(identifier: object) -> str:
    """The beginning of a long id."""
    text = str(identifier)
    return f"{text[:4]}…" if len(text) > 12 else text


def _event(fields: Mapping[str, Any]) -> Told | None:
    event = fields["event"]
    if event.get("action") in UNTOLD_EVENTS:
        return None
    return Told("event", _event_text(event), "event")


def _event_text(event: Mapping[str, Any]) -> str:
    action = str(event.get("action"))
    if action == "dtmf-event":
        return f"dtmf-event {event.get('tone')} ({event.get('method')})"
    if action == "dialin-ready":
        return f"dialin-ready {_OWN_ADDRESS.sub('', str(event.get('sipEndpoint')))}"
    return f"{action} “{event['errorMsg']}”" if "errorMsg" in event else action


def _client(fields: Mapping[str, Any]) -> Told | None:
    if "method" not in fields:
        return Told("daily", f"{fields.get('action')} {fields.get('digits', '')}".strip())
    options = fields.get("params", {})
    said = [str(options[name]) if name != "sessionId" else short(options[name]) for name in _OPTIONS if name in options]
    if fields["method"] == "join":
        return Told("client", "joins the room")
    who = str(fields.get("client", ""))
    return Told("client", " ".join((f"{who}:" if who != "client" else "", fields["method"], *said)).strip())


def _sip(fields: Mapping[str, Any]) -> Told | None:
    if "did" in fields:
        return Told("sip", f"the front door {fields['did']}: {fields.get('because', '')}")
    if "message" not in fields:
        return None
    text = str(fields["message"])
    if "to" in fields:
        text += f" {_OWN_ADDRESS.sub('', str(fields['to']))}"
    if "refused" in fields:
        text += f" → {fields['refused']} ({fields.get('because', '')})"
    return Told("sip", text, ("sip", fields.get("sip_call_id")))


_OWN_ADDRESS = re.compile(r"(?<=.)@127\.0\.0\.1(:\d+)?$|^sip:(?=\+)")
"""What every address of this machine's network has, and says nothing."""


def _media(fields: Mapping[str, Any]) -> Told | None:
    if fields.get("action") == "sound was lost":
        return Told("media", f"sound was lost ({fields['underruns']} underruns, {fields['overruns']} overruns)")
    event = fields.get("telephone_event")
    text = f"{fields['codec']}, " + (f"telephone-event {event}" if event is not None else "no telephone-event")
    if fields.get("direction", "sendrecv") != "sendrecv":
        text += f", {fields['direction']}"
    return Told("sip", text, ("sip", fields.get("sip_call_id")))


def _digit(fields: Mapping[str, Any]) -> Told | None:
    return Told("digit", f"{fields['digit']} ({fields['method']}, {fields['duration_ms']} ms)", "digit")


_PHONE_VERBS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "dials": lambda fields: f"dials {_OWN_ADDRESS.sub('', str(fields.get('to')))}",
        "fails": lambda fields: f"cannot take the call: {fields.get('error')}",
        "presses": lambda fields: f"presses {fields.get('digits')} ({fields.get('method')})",
        "hears": lambda fields: f"hears {fields['digit']} ({fields['method']}, {fields['duration_ms']} ms)",
        "rejects": lambda fields: f"rejects with {fields.get('status')}",
        "is sent": lambda fields: f"is sent to {_OWN_ADDRESS.sub('', str(fields.get('to')))}",
        "is told": lambda fields: f"is told {fields.get('status')} {fields.get('reason')}",
        "is done": lambda fields: f"is done: {fields.get('status')} {fields.get('reason')}, by {fields.get('by')}",
        "offers": lambda fields: f"offers {', '.join(fields['codecs'])}",
        "talks": lambda fields: f"talks {fields.get('codec')}",
        "says": lambda fields: f"says “{fields.get('what')}”",
        "hums": lambda fields: f"hums {fields.get('hz'):g} Hz",
        "hears tones": lambda fields: f"hears {' + '.join(f'{hz:g}' for hz in fields['hz'])} Hz",
        "hears silence": lambda fields: f"hears {fields.get('seconds'):g} s of silence",
        "hears keys": lambda fields: f"hears {fields.get('digits')} (in-band)",
        "is heard": lambda fields: f"is heard after {fields.get('after_ms')} ms",
    }
)


def _phone(fields: Mapping[str, Any]) -> Told | None:
    action = str(fields.get("action"))
    verb = _PHONE_VERBS.get(action)
    text = f"{fields.get('phone')} {verb(fields) if verb else action}"
    return Told("phone", text, ("phone", fields.get("phone")) if action == "hears" else None)


def _worker(fields: Mapping[str, Any]) -> Told | None:
    if "text" in fields:
        return Told("worker", str(fields["text"]))
    whose = f"of {fields['phone']}" if "phone" in fields else "of Daily's"
    said = [str(fields[name]) for name in ("action", "how", "error") if name in fields]
    return Told("worker", f"{whose}: {', '.join(said)}")


def _sound(fields: Mapping[str, Any]) -> Told | None:
    return Told("client", str(fields.get("action")))


def _carrier(fields: Mapping[str, Any]) -> Told | None:
    return Told("carrier", str(fields.get("action")))


def _rtp(fields: Mapping[str, Any]) -> Told | None:
    """Packets are told of in failures only, a relay that fails always."""
    return Told("rtp", _rtp_text(fields)) if fields.get("action") == "fails" else None


_RTP_VERBS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "begins": lambda fields: f"{fields['sender']} sends {fields['carries']}, payload type {fields['payload_type']}",
        "digit": lambda fields: (
            f"{fields['sender']} sends {fields['digit']} for {fields['duration_ms']} ms "
            f"in {fields['packets']} packets, {fields['end_packets']} of them ends"
        ),
        "sums up": lambda fields: (
            f"{fields['sender']} sent {fields['packets']} packets of {fields['codec']}, "
            f"{fields['lost']} never came, {fields['dropped']} dropped on purpose"
        ),
        "faults": lambda fields: f"the line to the {fields['towards']} is {fields['faults']}",
        "fails": lambda fields: f"the relay fails: {fields['error']}",
    }
)


def _rtp_text(fields: Mapping[str, Any]) -> str:
    verb = _RTP_VERBS.get(str(fields.get("action")))
    return verb(fields) if verb else str(fields.get("action"))


def _webhook(fields: Mapping[str, Any]) -> Told | None:
    if fields.get("purpose") == "room_creation_api" and "call_id" in fields:
        body = fields.get("body", {})
        outcome = fields.get("error") or fields.get("status")
        return Told("webhook", f"a call from {body.get('From')} to {body.get('To')} → {outcome}")
    if fields.get("purpose") == "event" and "type" in fields:
        return Told("webhook", f"{fields['type']} → {fields.get('error') or fields.get('status')}")
    return None


def _transfer(fields: Mapping[str, Any]) -> Told | None:
    by = "by REFER " if fields.get("is_sip_refer") else ""
    to = f" to {_OWN_ADDRESS.sub('', str(fields['to']))}" if fields.get("action") == "triggered" else ""
    return Told("transfer", f"{by}{fields.get('action')}{to}", "transfer")


def _lobby(fields: Mapping[str, Any]) -> Told | None:
    text = f" “{fields['text']}”" if fields.get("text") else ""
    return Told("daily", f"{fields.get('action')}{text}")


def _rest(fields: Mapping[str, Any]) -> Told | None:
    return Told("rest", f"{fields.get('method')} {fields.get('path')} → {fields.get('status')}")


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], Told | None]] = MappingProxyType(
    {
        "event": _event,
        "client": _client,
        "sip": _sip,
        "media": _media,
        "digit": _digit,
        "phone": _phone,
        "worker": _worker,
        "carrier": _carrier,
        "rtp": _rtp,
        "customer": lambda fields: Told("customer", str(fields.get("action"))),
        "webhook": _webhook,
        "transfer": _transfer,
        "lobby": _lobby,
        "rest": _rest,
        "sound": _sound,
    }
)
