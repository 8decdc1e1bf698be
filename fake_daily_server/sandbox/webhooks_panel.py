"""The webhooks on the page: who gets which events, and the latest requests to them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from fake_daily_server.sandbox.forms import Field, form
from fake_daily_server.sandbox.signature_check import signature_check
from fake_daily_server.webhooks.delivery_log import LoggedAttempt
from fake_daily_server.webhooks.event_types import EVENT_TYPES
from fake_daily_server.webhooks.store import Webhook

MOST_SHOWN = 8


def webhooks_panel(webhooks: Sequence[Webhook], deliveries: Sequence[LoggedAttempt]) -> str:
    """All webhooks, the latest deliveries of events, newest first, and the form for a new webhook."""
    new = form(
        "new-webhook",
        "POST /v1/webhooks",
        "subscribe",
        Field("url", "URL", "http://127.0.0.1:8000/webhook"),
        Field("eventTypes", "types (none: all)", json="list"),
    )
    latest = [entry for entry in deliveries if entry.purpose == "event"][-MOST_SHOWN:][::-1]
    return (
        "".join(_webhook(webhook) for webhook in webhooks)
        + (f"<ul>{''.join(_delivery(entry) for entry in latest)}</ul>" if latest else "")
        + f'<details class="new" id="new-webhook-box"><summary>New webhook</summary>{new}</details>'
    )


def _webhook(webhook: Webhook) -> str:
    chosen, identity = webhook.subscription, f"webhook-{webhook.uuid}"
    types = "all types" if set(EVENT_TYPES) <= set(chosen.event_types) else ", ".join(chosen.event_types)
    return (
        f'<article id="{identity}" aria-label="webhook {escape(chosen.url)}"><h3>{escape(chosen.url)}'
        f"<small>{escape(webhook.status.state)}</small></h3><p>{escape(types)}</p>"
        f"<p>signed with <code>{escape(chosen.hmac)}</code></p>"
        + form(f"{identity}-delete", f"DELETE /v1/webhooks/{webhook.uuid}", "unsubscribe")
        + "</article>"
    )


def _delivery(entry: LoggedAttempt) -> str:
    result = entry.error or f"{entry.status}, {entry.ms:.0f} ms"
    again = f" (attempt {entry.attempt})" if entry.attempt > 1 else ""
    by_hand = " (triggered)" if entry.triggered else ""
    return (
        f'<li id="delivery-{entry.seq}"><b>{escape(entry.type or "")}</b>{again} → {escape(result)}{by_hand} '
        + signature_check(entry)
        + form(f"delivery-{entry.seq}-again", f"POST /_sim/webhooks/deliveries/{entry.seq}/again", "send again")
        + "</li>"
    )
