"""The phones on the page: their calls, and what a person can do with each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import get_args

from fake_daily_server.media.phone_talks import PhoneTalks
from fake_daily_server.sandbox.call_actions import call_actions
from fake_daily_server.sandbox.forms import Field, form
from fake_daily_server.sandbox.model_fields import fields_of
from fake_daily_server.sandbox.rooms_panel import TARGETS
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.relay.faults import Direction, FaultFields

_SHOWN_CALLS = 3
_IMPAIRMENT = (
    *(replace(field, value="0.2") if field.name == "loss" else field for field in fields_of(FaultFields)),
    Field("direction", "direction", "both", choices=get_args(Direction)),
    Field("seed", "seed", default="0"),
)
"""The fields of `POST /_sim/phones/{id}/impair`."""


def phones_panel(phones: Iterable[Phone], first_target: str, talks: PhoneTalks) -> str:
    """All phones. A phone calls `first_target` unless another target is given."""
    return "".join(_phone(phone, first_target, talks) for phone in phones)


def _phone(phone: Phone, first_target: str, talks: PhoneTalks) -> str:
    path, identity = f"/_sim/phones/{phone.id}", f"phone-{phone.id}"
    calls = phone.calls
    live = [call for call in calls if call.state != "ended"]
    shown = [*live, *[call for call in calls if call.state == "ended"][::-1][: max(0, _SHOWN_CALLS - len(live))]]
    actions = "".join(
        f'<div class="actions" role="group" aria-label="call {escape(_peer(call))}">'
        f"{call_actions(identity, path, call, [other for other in live if other is not call], talks)}</div>"
        for call in live
    )
    if phone.spec.forward_to is not None:
        actions += f"<p>Its calls are taken by <code>{escape(phone.spec.forward_to)}</code>.</p>"
    elif len(live) < phone.spec.lines:
        button = "new call" if live else "call"
        to = Field("to", "calls", first_target, suggestions=TARGETS)
        actions += form(f"{identity}-dial", f"POST {path}/dial", button, to)
    return (
        f'<article id="{escape(identity)}" aria-label="phone {escape(phone.name)}"><h3>{escape(phone.name)}'
        f"<small>{escape(phone.number or phone.uri)}{_impairment(phone)}</small></h3>"
        f"<ul>{''.join(_call(call) for call in shown)}</ul>"
        f"{actions}"
        '<details class="new"><summary>Network and removal</summary><div class="actions">'
        + form(f"{identity}-impair", f"POST {path}/impair", "impair RTP", *_IMPAIRMENT)
        + form(f"{identity}-recover", f"POST {path}/recover", "recover")
        + form(f"{identity}-remove", f"DELETE {path}", "remove phone")
        + "</div></details></article>"
    )


def _impairment(phone: Phone) -> str:
    if phone.impairment is None:
        return ""
    return escape(f" · RTP {phone.impairment.direction}: {phone.impairment.faults}")


def _call(call: PhoneCall) -> str:
    ended = call.ended
    facts = [
        _peer(call),
        f"{ended.status} {ended.reason}, ended by the {ended.by} side" if ended else "",
        call.media.codec if call.media and not ended else "",
        f"heard digits {call.digits}" if call.digits else "",
        call.persona_place or "",
    ]
    about = escape(" · ".join(fact for fact in facts if fact))
    identity = escape(f"call-{call.phone}-{call.sip_call_id}")
    return f'<li class="call" id="{identity}"><b>{escape(call.state)}</b> {about}</li>'


def _peer(call: PhoneCall) -> str:
    return f"{'from' if call.incoming else 'to'} {call.remote_name or call.remote}"
