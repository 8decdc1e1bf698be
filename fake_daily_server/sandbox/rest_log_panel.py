"""The REST requests on the page: those of every client, with their answers, and what sends one of them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from itertools import islice

from fake_daily_server.domain.api_log import MAX_BODY_BYTES, ApiLogEntry

MOST_SHOWN = 30
_ERRORS_FROM = 400
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def rest_log_panel(newest_first: Iterable[ApiLogEntry]) -> str:
    """The latest requests to `/v1`, newest first, and the editor of a request that is sent again."""
    shown = islice((entry for entry in newest_first if entry.source == "api"), MOST_SHOWN)
    return f'{_editor()}<ol class="requests" id="rest-requests">{"".join(map(_entry, shown))}</ol>'


def _entry(entry: ApiLogEntry) -> str:
    identity, path = f"rest-{entry.id}", escape(entry.path)
    refused = ' class="refused"' if entry.status >= _ERRORS_FROM else ""
    body = _exact_text(entry)
    buttons = (
        '<div class="actions"><button type="button" data-rest="replay">replay</button>'
        '<button type="button" data-rest="edit">edit and send again</button>'
        '<button type="button" data-rest="copy">copy as curl</button></div>'
        if body is not None
        else f"<p>It cannot be sent again: of its body, at most {MAX_BODY_BYTES} bytes of text are kept, "
        "and nothing if it was refused before the body was read.</p>"
    )
    return (
        f'<li id="{identity}"><details{refused} data-method="{escape(entry.method)}" data-path="{path}">'
        f"<summary>{escape(entry.method)} {path} → {entry.status}, {entry.ms:.0f} ms</summary>"
        f"<p><small>{escape(entry.at)} {escape(entry.agent)}</small></p>"
        + (f'<pre class="sent" aria-label="body">{escape(body or "")}</pre>' if body else "")
        + f'<pre aria-label="answer">{escape(_indented(entry.response))}</pre>{buttons}</details></li>'
    )


def _exact_text(entry: ApiLogEntry) -> str | None:
    """The request's body as text; None if it was not kept whole, or is no text, so that it cannot be repeated."""
    try:
        return entry.request.decode() if entry.whole else None
    except UnicodeDecodeError:
        return None


def _indented(body: bytes) -> str:
    """JSON with one line for each field; anything else as it is."""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _editor() -> str:
    methods = "".join(f"<option>{method}</option>" for method in _METHODS)
    return (
        '<details class="new" id="rest-editor-box"><summary>Edit and send</summary><form id="rest-editor">'
        f'<label for="rest-method">method <select id="rest-method">{methods}</select></label>'
        '<label for="rest-path">path <input id="rest-path" autocomplete="off" required pattern="/.*" '
        'value="/v1/rooms"></label>'
        '<label for="rest-body" class="wide">body <textarea id="rest-body" rows="6" spellcheck="false"></textarea>'
        "</label><button>send</button></form></details>"
    )
