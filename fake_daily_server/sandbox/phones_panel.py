"""The phones on the page: their calls, and what a person can do with each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from fake_daily_server.sandbox.forms import Field, form
from fake_daily_server.sandbox.rooms_panel import TARGETS
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

KEYS = "123456789*0#"
_SHOWN_CALLS = 3
_PLANS = ("answer", "wait", "busy", "decline", "no_answer")


def phones_panel(phones: Iterable[Phone], first_target: str, personas: Collection[str]) -> str:
    """All phones, and the form for a new one. A phone calls `first_target` unless another target is given."""
    new = form(
        "new-phone",
        "POST /_sim/phones",
        "add",
        Field("name", "name"),
        Field("number", "number", "+12065550199"),
        Field("calls", "takes calls", choices=("", *_PLANS)),
        Field("persona", "or persona", choices=("", *personas)),
    )
    cards = "".join(_phone(phone, first_target) for phone in phones)
    return f'{cards}<details class="new"><summary>New phone</summary>{new}</details>'


def _phone(phone: Phone, first_target: str) -> str:
    path, identity = f"/_sim/phones/{phone.id}", f"phone-{phone.id}"
    calls = phone.calls
    live = [call for call in calls if call.state != "ended"]
    shown = [*live, *[call for call in calls if call.state == "ended"][::-1][: max(0, _SHOWN_CALLS - len(live))]]
    actions = (
        "".join(_actions(identity, path, call) for call in live)
        if live
        else form(
            f"{identity}-dial",
            f"POST {path}/dial",
            "call",
            Field("to", "calls", first_target, suggestions=TARGETS),
        )
    )
    return (
        f'<article id="{escape(identity)}" aria-label="phone {escape(phone.name)}"><h3>{escape(phone.name)}'
        f"<small>{escape(phone.number or phone.uri)}</small></h3>"
        f"<ul>{''.join(_call(call) for call in shown)}</ul>"
        f'<div class="actions">{actions}</div>'
        '<details class="new"><summary>Network and removal</summary><div class="actions">'
        + form(f"{identity}-impair", f"POST {path}/impair", "lose RTP", Field("loss", "share", "0.2", "number"))
        + form(f"{identity}-recover", f"POST {path}/recover", "no loss")
        + form(f"{identity}-remove", f"DELETE {path}", "remove phone")
        + "</div></details></article>"
    )


def _call(call: PhoneCall) -> str:
    ended = call.ended
    facts = [
        f"{'from' if call.incoming else 'to'} {call.remote_name or call.remote}",
        f"{ended.status} {ended.reason}, ended by the {ended.by} side" if ended else "",
        call.media.codec if call.media and not ended else "",
        f"heard digits {call.digits}" if call.digits else "",
        call.persona_place or "",
    ]
    about = escape(" · ".join(fact for fact in facts if fact))
    return f'<li class="call" id="call-{escape(call.sip_call_id)}"><b>{escape(call.state)}</b> {about}</li>'


def _actions(identity: str, path: str, call: PhoneCall) -> str:
    """What can be done with a call now, by its state."""
    which = Field("sip_call_id", "", call.sip_call_id, fixed=True)
    prefix = f"{identity}-{call.sip_call_id}"

    def verb(name: str, button: str, *fields: Field, suffix: str = "") -> str:
        return form(f"{prefix}-{name}{suffix}", f"POST {path}/{name}", button, which, *fields)

    if call.state != "answered":
        hang_up = verb("hangup", "hang up")
        if not call.incoming:
            return hang_up
        return (
            verb("answer", "answer")
            + verb("ring", "ring (180)")
            + verb("reject", "decline", Field("status", "status", "603", "number"))
        )
    keys = "".join(verb("press", key, Field("tones", "", key, fixed=True), suffix=key) for key in KEYS)
    return (
        verb("hangup", "hang up")
        + verb("hold", "hold")
        + verb("resume", "resume")
        + f'<div class="keys" role="group" aria-label="keys">{keys}</div>'
        + verb(
            "press",
            "press",
            Field("tones", "digits", "12#"),
            Field("method", "as", "auto", choices=("auto", "telephone-event", "sip-info", "in-band")),
            Field("duration_ms", "ms each", "100", "number"),
            suffix="-digits",
        )
        + verb("hum", "tone", Field("hz", "Hz", "440", "number"), Field("seconds", "s", "2", "number"))
        + verb("say", "speak", Field("what", "text", "Hello, who is there?"))
        + verb("transfer", "transfer", Field("to", "to", suggestions=TARGETS))
    )
