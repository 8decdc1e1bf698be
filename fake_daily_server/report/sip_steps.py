"""Rows of the ladder for SIP messages, as they were on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

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


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What the ladder needs of a SIP message."""

    key: _Key | None
    """None for a message that is shown nowhere: without Call-ID or method."""
    call_id: str
    is_request: bool
    from_tag: str
    caller: str
    callee: str
    """Both as the message says; the simulator may know better."""
    label: str
    text: str
    sdp: str


Read = Callable[[bytes], ReadMessage]


def read_message(data: bytes) -> ReadMessage:
    """Read a message as it was on the wire."""
    text = data.decode("utf-8", "replace")
    message = SipMessage.parse(text)
    call_id, tag = message.header("Call-ID") or "", _tag(message.header("From"))
    name = message.method if message.is_request else " ".join(message.start.split(" ")[1:3])
    return ReadMessage(
        key=(call_id, message.header("CSeq") or "", name or "", tag) if call_id and message.method else None,
        call_id=call_id,
        is_request=message.is_request,
        from_tag=tag,
        caller=_address(message.header("From")),
        callee=_address(message.header("To")),
        label=_label(message),
        text=text,
        sdp=(message.sdp or "").strip(),
    )


def sip_steps(
    messages: Iterable[SeenMessage],
    parties: Mapping[str, Parties],
    seconds_at: Callable[[float], float],
    read: Read = read_message,
) -> Iterator[Step]:
    """One step for each message between the ends of a call: not again when the front door or the other end tells of it.

    What the front door sends by itself, such as the BYE for a worker that died, comes from the end it stands for.
    `read` may remember what messages say, for a page that grows and reads the same ones again and again.
    """
    dialogs: dict[str, _Dialog] = {}
    received: Counter[_Key] = Counter()
    sent: Counter[_Key] = Counter()
    for number, seen in enumerate(sorted(messages, key=lambda message: message.at), 1):
        message = read(seen.data)
        key, call_id = message.key, message.call_id
        if key is None:
            continue
        times = max(sent[key], received[key])
        (sent if seen.sent else received)[key] += 1
        if max(sent[key], received[key]) == times:
            continue
        dialog = dialogs.get(call_id)
        if dialog is None:
            dialog = dialogs[call_id] = _dialog(message, parties.get(call_id))
        from_caller = (message.from_tag == dialog.caller_tag) == message.is_request
        ends = (dialog.caller, dialog.callee) if from_caller else (dialog.callee, dialog.caller)
        label = f"{message.label} · again" if times else message.label
        detail = partial(_head, message.text, message.sdp)
        yield Step(f"m{number}", seconds_at(seen.at), "sip", *ends, label, detail, call_id, message.sdp)


def _head(text: str, sdp: str) -> str:
    return text.strip().removesuffix(sdp).rstrip()


def _dialog(message: ReadMessage, parties: Parties | None) -> _Dialog:
    known = parties or Parties()
    caller = known.caller or message.caller
    callee = known.callee or message.callee
    return _Dialog(caller, callee if callee != caller else f"{callee} (called)", message.from_tag)


def _label(message: SipMessage) -> str:
    label = message.start.removeprefix("SIP/2.0 ")
    if message.is_request:
        label = message.method
    elif message.method != "INVITE":
        label += f" ({message.method})"
    sdp = message.sdp
    if sdp is not None:
        label += f" · {_codecs(sdp)}"
    return label


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
