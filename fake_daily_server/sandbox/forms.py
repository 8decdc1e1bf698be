"""Forms of the page. Each makes one request to a public route; the script sends it as JSON, and shows it as curl."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

JsonType = Literal["text", "number", "boolean", "list", "scalar", "json"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request body, of which an empty one is left out."""

    name: str
    """Its name in the body; dots lead into objects: `properties.enable_dialout`."""
    label: str
    value: str = ""
    json: JsonType = "text"
    """Its type in the body. A list has blanks between its elements; a scalar that looks like a number is one; `json` is
    any value, as JSON."""
    default: str = ""
    """What an empty field stands for."""
    choices: tuple[str, ...] = ()
    """The values to choose from, if no other value is possible."""
    suggestions: str = ""
    """Id of the `<datalist>` with values that are often wanted."""
    required: bool = False
    """Whether the form is not sent without it."""
    fixed: bool = False
    """Whether the field has this value and is not shown."""
    about: str = ""
    """What it is, in a sentence, which is shown when somebody points at it."""
    chooses: bool = False
    """Whether the script shows the `choice` of the value that is chosen, and only that."""


def form(identity: str, request: str, button: str, *fields: Field, more: str = "") -> str:
    """A form that makes `request`, such as `POST /v1/rooms`. `identity` is its id in the page, the same in each update.

    With no field to fill in, it is a button. `more` is HTML after the fields, such as a `choice`.
    """
    shown = "".join(_input(identity, field) for field in fields) + more
    return (
        f'<form id="{escape(identity)}" data-request="{escape(request)}">{shown}'
        f'<button title="{escape(request)}">{escape(button)}</button></form>'
    )


def choice(form_identity: str, name: str, value: str, html: str, *fields: Field) -> str:
    """Fields that belong to one value of the field `name`, which `chooses`; without that value they are not sent."""
    identity = f"{form_identity}-{name}-{value}"
    shown = "".join(_input(identity, field) for field in fields)
    return (
        f'<fieldset id="{escape(identity)}" data-choice-of="{escape(f"{form_identity}-{name}")}" '
        f'data-choice="{escape(value)}" hidden disabled><legend>{escape(value)}</legend>{html}{shown}</fieldset>'
    )


def copied(text: str, label: str) -> str:
    """A text with a button that copies it."""
    return (
        f'<span class="copied"><code>{escape(text)}</code> '
        f'<button type="button" data-copy="{escape(text)}" aria-label="copy {escape(label)}">copy</button></span>'
    )


def options(identity: str, values: dict[str, str]) -> str:
    """A `<datalist>`: values, and what each is."""
    rows = "".join(f'<option value="{escape(value)}">{escape(about)}</option>' for value, about in values.items())
    return f'<datalist id="{escape(identity)}">{rows}</datalist>'


def _input(form_identity: str, field: Field) -> str:
    common = f'name="{escape(field.name)}" data-json="{field.json}"'
    if field.fixed:
        return f'<input type="hidden" {common} value="{escape(field.value)}">'
    identity = escape(f"{form_identity}-{field.name}")
    if field.choices:
        listed = "".join(
            f"<option{' selected' if choice == field.value else ''}>{escape(choice)}</option>"
            for choice in field.choices
        )
        chooser = " data-chooses" if field.chooses else ""
        control = f'<select id="{identity}" {common}{chooser}>{listed}</select>'
    elif field.json == "boolean":
        checked = " checked" if field.value else ""
        control = f'<input id="{identity}" type="checkbox" {common}{checked}>'
    else:
        kind = "number" if field.json == "number" else "text"
        suggested = f' list="{escape(field.suggestions)}"' if field.suggestions else ""
        step = ' step="any"' if kind == "number" else ""
        suggested += f' placeholder="{escape(field.default)}"' if field.default else ""
        suggested += " required" if field.required else ""
        control = (
            f'<input id="{identity}" type="{kind}"{step} autocomplete="off" {common}{suggested} '
            f'value="{escape(field.value)}">'
        )
    about = f' title="{escape(field.about)}"' if field.about else ""
    return f'<label for="{identity}"{about}>{escape(field.label)} {control}</label>'
