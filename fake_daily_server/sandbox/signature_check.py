"""The signature of a webhook request on the page: its headers, the text that is signed, and whether both agree."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from fake_daily_server.webhooks.delivery_log import LoggedAttempt
from fake_daily_server.webhooks.sender import SIGNATURE, TIMESTAMP


def signature_check(entry: LoggedAttempt) -> str:
    """What a receiver checks of this request, and when its next attempt is due."""
    next_attempt = "no attempt follows" if entry.status != 200 else "delivered"
    if entry.retry_at is not None:
        next_attempt = f"attempt {entry.attempt + 1} is due at {_time(entry.retry_at)} UTC"
    if entry.timestamp is None or entry.signature is None or entry.event is None:
        return f"<small>no request was sent; {next_attempt}</small> "
    verdict = "valid" if entry.signature_valid else "not valid"
    signed = f"{entry.timestamp}.{entry.event.body(entry.at).decode()}"
    return (
        f'<details class="new" id="delivery-{entry.seq}-signature">'
        f"<summary>signature {verdict}; {next_attempt}</summary>"
        f"<pre>{TIMESTAMP}: {escape(entry.timestamp)}\n{SIGNATURE}: {escape(entry.signature)}</pre>"
        f"<p>HMAC-SHA256 with the secret, from base64, over the timestamp, a dot and the body:</p>"
        f"<pre>{escape(signed)}</pre></details>"
    )


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
