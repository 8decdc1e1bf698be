"""The form for a new phone on the page, with the parameters of the persona that is chosen."""

from __future__ import annotations

from html import escape

from fake_daily_server.sandbox.forms import Field, choice, form
from fake_daily_server.sandbox.persona_fields import parameter_fields
from simulator.errors import ConfigurationError
from simulator.personas.catalogue import Personas

_PLANS = ("answer", "wait", "busy", "decline", "no_answer")


def new_phone_panel(personas: Personas) -> str:
    """The form. It has the parameters of all personas, of which the script shows those of the chosen one."""
    new = form(
        "new-phone-form",
        "POST /_sim/phones",
        "add",
        Field("name", "name"),
        Field("number", "number", "+12065550199"),
        Field("calls", "takes calls", choices=("", *_PLANS)),
        Field("refers", "told to transfer (REFER)", choices=("", "refuse", "follow", "cannot"), default="refuse"),
        Field("forward_to", "or a softphone's URI takes its calls", default="sip:me@127.0.0.1:5070"),
        Field("persona", "or persona", choices=("", *personas.names), chooses=True),
        more="".join(_parameters(personas, name) for name in personas.names),
    )
    return f'<details class="new" id="new-phone-box"><summary>New phone</summary>{new}</details>'


def _parameters(personas: Personas, name: str) -> str:
    """What a persona does, and its parameters."""
    try:
        persona = personas.get(name)
    except ConfigurationError as unusable:
        return choice("new-phone-form", "persona", name, f"<p>{escape(str(unusable))}</p>")
    return choice("new-phone-form", "persona", name, f"<p>{escape(persona.file.about)}</p>", *parameter_fields(persona))
