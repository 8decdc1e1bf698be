"""The registrations on the page: softphones that have registered here, and phones that have registered somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def registrations_panel(registrations: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """One line for each. Without seconds, which would change the page all the time."""
    clients = [f"<code>{escape(one['address'])}</code> from {_from(one)}" for one in registrations["clients"]]
    phones = [
        f"phone {escape(one['phone'])} as <code>{escape(one['address'])}</code>: {escape(_state(one))}"
        for one in registrations["phones"]
    ]
    lines = "".join(f"<li>{line}</li>" for line in (*clients, *phones))
    return f'<ul aria-label="registrations">{lines or "<li>nobody is registered</li>"}</ul>'


def _from(client: Mapping[str, Any]) -> str:
    return escape(f"{client['peer']} ({client['transport']})")


def _state(phone: Mapping[str, Any]) -> str:
    return f"{phone['state']}, {phone['because']}" if phone["because"] else str(phone["state"])
