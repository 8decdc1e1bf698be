"""Events by hand on the page: a form that sends a webhook, or an event to the clients of a room."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fake_daily_server.handles.triggers import CLIENT_EVENTS
from fake_daily_server.webhooks.event_table import PAYLOADS


def triggers_panel(rooms: Iterable[str]) -> str:
    """The form. Its script fills in the fields of the chosen event, from `GET /_sim/trigger`."""
    events = _group("webhooks", PAYLOADS) + _group("events of clients", CLIENT_EVENTS)
    chosen = "".join(f"<option>{escape(room)}</option>" for room in rooms)
    return (
        '<form id="trigger"><label for="trigger-event">event <select id="trigger-event" required>'
        f'<option value="">choose</option>{events}</select></label>'
        f'<label for="trigger-room">room <select id="trigger-room">{chosen}</select></label>'
        '<label for="trigger-fields" class="wide">fields <textarea id="trigger-fields" rows="10" spellcheck="false">'
        '</textarea></label><button title="POST /_sim/trigger">trigger</button></form>'
    )


def _group(label: str, names: Iterable[str]) -> str:
    options = "".join(f"<option>{escape(name)}</option>" for name in names)
    return f'<optgroup label="{label}">{options}</optgroup>'
