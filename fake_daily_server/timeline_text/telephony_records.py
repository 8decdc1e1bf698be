"""Describes the timeline records of the telephone network: SIP, media, digits, phones, workers and RTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fake_daily_server.timeline_text.record_text import Describe, RecordText, without_local_host


def _sip(fields: Mapping[str, Any]) -> RecordText | None:
    if "did" in fields:
        return RecordText("sip", f"the front door {fields['did']}: {fields.get('because', '')}")
    if "message" not in fields:
        return None
    text = str(fields["message"])
    if "to" in fields:
        text += f" {without_local_host(fields['to'])}"
    if "answer" in fields:
        text += f" → {fields['answer']}"
    if "refused" in fields:
        text += f" → {fields['refused']} ({fields.get('because', '')})"
    return RecordText("sip", text, ("sip", fields.get("sip_call_id")))


def _media(fields: Mapping[str, Any]) -> RecordText:
    if fields.get("action") == "sound was lost":
        return RecordText("media", f"sound was lost ({fields['underruns']} underruns, {fields['overruns']} overruns)")
    if "action" in fields:
        return RecordText("media", f"{fields['action']}: {fields.get('error')}")
    event = fields.get("telephone_event")
    text = f"{fields['codec']}, " + (f"telephone-event {event}" if event is not None else "no telephone-event")
    if fields.get("direction", "sendrecv") != "sendrecv":
        text += f", {fields['direction']}"
    return RecordText("sip", text, ("sip", fields.get("sip_call_id")))


def _digit(fields: Mapping[str, Any]) -> RecordText:
    if "not_sent" in fields:
        return RecordText("digit", f"{fields['not_sent']} ({fields['method']}) not sent: {fields['because']}")
    if "did" in fields:
        return RecordText(
            "digit", f"{fields['sent']}, sent as number {fields['number']}, has the fault {fields['did']}"
        )
    return RecordText("digit", _received_digit(fields), "digit")


def _received_digit(fields: Mapping[str, Any]) -> str:
    stated = f", {fields['stated_ms']} stated" if "stated_ms" in fields else ""
    return f"{fields['digit']} ({fields['method']}, {fields['duration_ms']} ms{stated})"


_PHONE_ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "dials": lambda fields: f"dials {without_local_host(fields.get('to'))}",
        "fails": lambda fields: f"cannot take the call: {fields.get('error')}",
        "presses": lambda fields: f"presses {fields.get('digits')} ({fields.get('method')})",
        "hears": lambda fields: f"hears {_received_digit(fields)}",
        "cannot press": lambda fields: f"cannot send {fields['not_sent']} ({fields['method']}): {fields['because']}",
        "rejects": lambda fields: f"rejects with {fields.get('status')}",
        "receives NOTIFY": lambda fields: (
            f"receives the outcome of its REFER: {fields.get('status')} {fields.get('reason')}".rstrip()
        ),
        "receives REFER": lambda fields: (
            f"receives a REFER to {without_local_host(fields.get('to'))}, and answers {fields.get('status')}"
        ),
        "registers": lambda fields: f"registers {fields['address']} for {fields['expires_s']} s",
        "unregisters": lambda fields: f"unregisters {fields['address']}",
        "cannot register": lambda fields: f"cannot register {fields['address']}: {fields['because']}",
        "does not unregister": lambda fields: f"could not unregister {fields['address']}: {fields['because']}",
        "is referred": lambda fields: f"is referred to {without_local_host(fields.get('to'))}",
        "receives": lambda fields: f"receives {fields.get('status')} {fields.get('reason')}",
        "call ended": lambda fields: (
            f"reports the end of the call: {fields.get('status')} {fields.get('reason')}, by {fields.get('by')}"
        ),
        "offers": lambda fields: f"offers {', '.join(fields['codecs'])}",
        "has media": lambda fields: f"has media in {fields.get('codec')}",
        "says": lambda fields: f"says “{fields.get('what')}”",
        "holds": lambda fields: "holds, with music" if fields.get("music") else "holds",
        "hums": lambda fields: f"hums {fields.get('hz'):g} Hz",
        "hears tones": lambda fields: f"hears {' + '.join(f'{hz:g}' for hz in fields['hz'])} Hz",
        "hears silence": lambda fields: f"hears {fields.get('seconds'):g} s of silence",
        "hears in-band digits": lambda fields: f"hears {fields.get('digits')} (in-band)",
        "hears words": lambda fields: f"hears “{fields.get('words')}”",
        "persona": lambda fields: f"({fields.get('persona')}): {fields.get('text')}",
        "has a test number": lambda fields: f"has the test number “{fields.get('instead_of')}” itself",
        "disconnects the microphone": lambda fields: f"disconnects the microphone: {fields.get('because')}",
        "is heard": lambda fields: f"is heard after {fields.get('after_ms')} ms",
    }
)


def _phone(fields: Mapping[str, Any]) -> RecordText | None:
    """Describe what a phone does; None for a step of a persona, which leads to records of its own."""
    return None if fields.get("action") == "persona" and "step" in fields else phone_text(fields)


def phone_text(fields: Mapping[str, Any]) -> RecordText:
    """Describe any record about a phone."""
    action = str(fields.get("action"))
    describe = _PHONE_ACTIONS.get(action)
    text = f"{fields.get('phone')} {describe(fields) if describe else action}"
    return RecordText("phone", text, ("phone", fields.get("phone")) if action == "hears" else None)


def _worker(fields: Mapping[str, Any]) -> RecordText:
    if "text" in fields:
        return RecordText("worker", str(fields["text"]))
    owner = str(fields["phone"]) if "phone" in fields else "Daily"
    details = [str(fields[name]) for name in ("action", "how", "error") if name in fields]
    return RecordText("worker", f"of {owner}: {', '.join(details)}")


def _destination(fields: Mapping[str, Any]) -> RecordText:
    where = str(fields["host"]) if fields.get("port") is None else f"{fields['host']}:{fields['port']}"
    text = f"nothing is sent to {where} ({fields['exit']}): {fields['because']}"
    if fields.get("sent_to") is not None:
        text += f"; sent to {fields['sent_to']} instead"
    return RecordText("network", text)


_RTP_ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "begins": lambda fields: f"{fields['sender']} sends {fields['carries']}, payload type {fields['payload_type']}",
        "digit": lambda fields: (
            f"{fields['sender']} sends {fields['digit']} for {fields['duration_ms']} ms "
            f"in {fields['packets']} packets, {fields['end_packets']} of them with the end bit"
        ),
        "sums up": lambda fields: (
            f"{fields['sender']} sent {fields['packets']} packets of {fields['codec']}; "
            f"{fields['lost']} were lost, {fields['dropped']} were dropped on purpose"
        ),
        "faults": lambda fields: f"impairment towards the {fields['towards']}: {fields['faults']}",
        "source": lambda fields: (
            f"the {fields['sender']}'s RTP comes from {fields['source']}, its session description names "
            f"{fields['described']}; it is sent RTP to {fields['sent_to']}"
        ),
        "fails": lambda fields: f"the relay fails: {fields['error']}",
    }
)


def rtp_text(fields: Mapping[str, Any]) -> str:
    """Describe a record about RTP."""
    describe = _RTP_ACTIONS.get(str(fields.get("action")))
    return describe(fields) if describe else str(fields.get("action"))


def _rtp(fields: Mapping[str, Any]) -> RecordText | None:
    """Describe a failure of the relay; None for a record about packets, which is shown only if a step fails."""
    return RecordText("rtp", rtp_text(fields)) if fields.get("action") == "fails" else None


def _registrar(fields: Mapping[str, Any]) -> RecordText:
    client, where = fields["client"] or "nobody", f"{fields['peer']} ({fields['transport']})"
    match fields["action"]:
        case "registers":
            return RecordText("sip", f"{client} registers from {where} for {fields['expires_s']} s")
        case "unregisters":
            return RecordText("sip", f"{client} unregisters from {where}")
    request, why = f"the {fields['method']} of {client} from {where}", f"{fields['status']}, {fields['because']}"
    return RecordText("sip", f"{request} is refused: {why} (number {fields['count']})")


TELEPHONY_RECORDS: Mapping[str, Describe] = MappingProxyType(
    {
        "sip": _sip,
        "registrar": _registrar,
        "media": _media,
        "digit": _digit,
        "phone": _phone,
        "worker": _worker,
        "destination": _destination,
        "carrier": lambda fields: RecordText("carrier", str(fields.get("action"))),
        "rtp": _rtp,
    }
)
"""The functions that describe records, by kind of record."""
