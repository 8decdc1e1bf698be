"""Rows of the ladder for SIP messages, as they were on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fake_daily_server.report.parties import Parties
from fake_daily_server.report.step import Step
from simulator.front_door.recent_messages import SeenMessage
from simulator.useragent.sip_text import SipMessage

_Key = tuple[str, str, str, str]
"""Call-ID, CSeq, method or status, and tag of From: what a message and its retransmissions have in common."""


@dataclass(slots=True)
class _Dialog:
    caller: str
    callee: str
    caller_tag: str


def sip_steps(
    messages: Iterable[SeenMessage], parties: Mapping[str, Parties], seconds_at: Callable[[float], float]
) -> Iterator[Step]:
    """One step for each message between the ends of a call: not again when the front door or the other end tells of it.

    What the front door sends by itself, such as the BYE for a worker that died, comes from the end it stands for.
    """
    dialogs: dict[str, _Dialog] = {}
    received: Counter[_Key] = Counter()
    sent: Counter[_Key] = Counter()
    for number, seen in enumerate(sorted(messages, key=lambda message: message.at), 1):
        text = seen.data.decode("utf-8", "replace")
        message = SipMessage.parse(text)
        call_id = message.header("Call-ID")
        if not call_id or not message.method:
            continue
        name = message.method if message.is_request else " ".join(message.start.split(" ")[1:3])
        key = (call_id, message.header("CSeq") or "", name, _tag(message.header("From")))
        times = max(sent[key], received[key])
        (sent if seen.sent else received)[key] += 1
        if max(sent[key], received[key]) == times:
            continue
        dialog = dialogs.get(call_id)
        if dialog is None:
            dialog = dialogs[call_id] = _dialog(message, parties.get(call_id))
        from_caller = (_tag(message.header("From")) == dialog.caller_tag) == message.is_request
        ends = (dialog.caller, dialog.callee) if from_caller else (dialog.callee, dialog.caller)
        sdp = (message.sdp or "").strip()
        head = text.strip().removesuffix(sdp).rstrip()
        label = _label(message, times + 1)
        yield Step(f"m{number}", seconds_at(seen.at), "sip", *ends, label, head, call_id, sdp)


def _dialog(message: SipMessage, parties: Parties | None) -> _Dialog:
    known = parties or Parties()
    caller = known.caller or _address(message.header("From"))
    callee = known.callee or _address(message.header("To"))
    return _Dialog(caller, callee if callee != caller else f"{callee} (called)", _tag(message.header("From")))


def _label(message: SipMessage, times: int) -> str:
    label = message.start.removeprefix("SIP/2.0 ")
    if message.is_request:
        label = message.method
    elif message.method != "INVITE":
        label += f" ({message.method})"
    sdp = message.sdp
    if sdp is not None:
        label += f" · {_codecs(sdp)}"
    return f"{label} · again" if times > 1 else label


def _codecs(sdp: str) -> str:
    """The encodings in an SDP in their order, each once, without telephone-events' clock rates."""
    static = {"0": "PCMU", "3": "GSM", "8": "PCMA", "9": "G722"}
    named: dict[str, None] = {}
    maps = {
        line[9:].partition(" ")[0]: line.partition(" ")[2].partition("/")[0]
        for line in sdp.splitlines()
        if line.startswith("a=rtpmap:")
    }
    for line in sdp.splitlines():
        if line.startswith("m="):
            for payload_type in line.split(" ")[3:]:
                named[(maps.get(payload_type) or static.get(payload_type, payload_type)).upper()] = None
    named.pop("TELEPHONE-EVENT", None)
    return " ".join(named) or "no media"


def _tag(value: str | None) -> str:
    return (value or "").rpartition(";tag=")[2].partition(";")[0]


def _address(value: str | None) -> str:
    """User and host of the URI in a From or To."""
    uri = (value or "?").partition("<")[2] or (value or "?")
    return uri.partition(">")[0].partition(";")[0].removeprefix("sip:")
