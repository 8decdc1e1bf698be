"""The REST requests on the page: newest first, as texts, and only what is known whole can be sent again."""

from __future__ import annotations

import re

from fake_daily_server.domain.api_log import ApiLogEntry
from fake_daily_server.sandbox.rest_log_panel import MOST_SHOWN, rest_log_panel

EVIL = '"><script>alert(1)</script>'


def entry(url: str = "/v1/rooms", status: int = 200, **fields: object) -> ApiLogEntry:
    return ApiLogEntry("api", "POST", url, status, "2026-01-01T00:00:00.000Z", **fields)  # type: ignore[arg-type]


def summaries(html: str) -> list[str]:
    return re.findall(r"<summary>([A-Z]+ /.*?)</summary>", html)


def test_the_latest_requests_are_shown_and_webhooks_are_not() -> None:
    webhook = ApiLogEntry("webhook", "POST", "http://127.0.0.1/hook", 200, "")
    entries = [webhook, *(entry(f"/v1/rooms/r{n}", ms=4.2) for n in range(MOST_SHOWN + 5))]
    shown = summaries(rest_log_panel(entries))
    assert len(shown) == MOST_SHOWN
    assert shown[0] == "POST /v1/rooms/r0 → 200, 4 ms"


def test_a_refused_request_is_marked_and_its_answer_has_a_line_for_each_field() -> None:
    html = rest_log_panel([entry(status=400, request=b'{"name":1}', response=b'{"error":"e","info":"i"}')])
    assert '<details class="refused"' in html
    assert '<pre class="sent" aria-label="body">{&quot;name&quot;:1}</pre>' in html
    assert "{\n  &quot;error&quot;: &quot;e&quot;,\n" in html


def test_the_path_is_as_it_was_sent() -> None:
    assert 'data-path="/v1/rooms/a%20b%3F?limit=1&amp;x=%20"' in rest_log_panel(
        [entry("/v1/rooms/a b?", query="limit=1&x=%20")]
    )


def test_what_is_not_known_whole_cannot_be_sent_again() -> None:
    for unknown in (entry(whole=False, request=b"{"), entry(request=b"\xff")):
        html = rest_log_panel([unknown])
        assert "It cannot be sent again" in html
        assert "data-rest" not in html


def test_texts_of_clients_stay_texts() -> None:
    body = EVIL.encode()
    assert "<script" not in rest_log_panel([entry(f"/v1/{EVIL}", request=body, response=body, agent=EVIL, query=EVIL)])
