"""Faults and time on the page: what is set, and a form for each kind of fault, made from the model of its request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fake_daily_server.rest.faults import RestFault
from fake_daily_server.sandbox.forms import Field, form
from fake_daily_server.sandbox.model_fields import fields_of
from fake_daily_server.signalling.event_faults import EventFault
from fake_daily_server.telephony.digit_faults import DigitFault
from fake_daily_server.webhooks.webhook_faults import WebhookFault
from simulator.sip_faults import SipFault

_KINDS = (
    ("SIP messages", "POST /_sim/faults", SipFault),
    ("events of clients", "POST /_sim/clients/faults", EventFault),
    ("webhook events", "POST /_sim/webhooks/faults", WebhookFault),
    ("REST requests", "POST /_sim/rest/faults", RestFault),
    ("digits of clients", "POST /_sim/digits/faults", DigitFault),
)


def faults_panel(ahead_s: float, faults: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The faults that are set, and all forms.

    `ahead_s` says how far the clock of tokens, rooms and webhooks was moved, in seconds.
    """
    listed = "".join(f"<li>{escape(_words(fault))}</li>" for each in faults.values() for fault in each)
    forms = "".join(
        f'<details class="new" id="{identity}-box"><summary>{kind}</summary>'
        f"{form(identity, request, 'set', *fields_of(model))}</details>"
        for kind, request, model in _KINDS
        if (identity := f"fault-{kind.replace(' ', '-')}")
    )
    refusal = form(
        "carrier-refuse",
        "POST /_sim/carrier/refuse",
        "refuse calls",
        Field("number", "number", suggestions="numbers"),
        Field("status", "status", "503", "number"),
        Field("reason", "reason", "Service Unavailable"),
    )
    return (
        f'<ul aria-label="faults that are set">{listed}</ul>{forms}'
        f'<details class="new" id="carrier-box"><summary>numbers that the carrier refuses</summary>{refusal}</details>'
        '<div class="actions">'
        + form("faults-clear", "DELETE /_sim/faults", "remove all faults")
        + form(
            "dialouts-fail",
            "POST /_sim/dialouts/fail",
            "let dial-outs fail",
            Field("count", "number of dial-outs", "1", "number"),
        )
        + form("clock", "POST /_sim/clock", "move the clock", Field("advance_s", "seconds", "60", "number"))
        + f"<small>clock: {ahead_s:+.0f} s</small>"
        + form("reset", "POST /_sim/reset", "reset the server: remove everything")
        + "</div>"
    )


def _words(fault: Mapping[str, Any]) -> str:
    """A fault in one line: its name, what it is set for, and how many it has taken."""
    about = " ".join(f"{name}={value}" for name, value in fault.items() if name not in ("fault", "taken"))
    return f"{fault['fault']} {about}: has taken {fault['taken']}"
