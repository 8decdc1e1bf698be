"""daily-js in a browser under Playwright: the app stays unchanged, and no request leaves the machine.

    browser = playwright.chromium.launch(args=CHROMIUM_ARGS)
    page = browser.new_page()
    serve_call_machine(page)
    page.goto(…)  # the app; its daily-js joins a room of the fake Daily

With the async API: `await serve_call_machine(page)`. Instead of a page, a browser context can be passed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from fake_daily_server.web.call_machine import call_machine

CHROMIUM_ARGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)
"""Chromium switches for unattended media: a simulated microphone and camera without a permission prompt, autoplay
without a user gesture, and WebRTC on a machine without a network."""

_CALL_MACHINE = re.compile(
    r"https://c\.(daily\.co|dailywebrtc\.com|dailywebrtc\.net)/call-machine/versioned/[^/]+/static/"
    r"call-machine-object-bundle\.js"
)
_ERROR_REPORTS = re.compile(r"https://[a-z0-9]+\.ingest\.sentry\.io/")
"""The URLs to which daily-js sends reports of fatal errors."""

_Result_co = TypeVar("_Result_co", covariant=True)


class _Route(Protocol):
    """A route of Playwright's sync or async API."""

    @property
    def request(self) -> Any: ...

    def fulfill(self, *, status: int, headers: Mapping[str, str], body: str) -> Awaitable[None] | None: ...


class PageOrContext(Protocol[_Result_co]):
    """A page or browser context of Playwright. `route` returns None in the sync API, an awaitable in the async API."""

    def route(self, url: re.Pattern[str], handler: Callable[[Any], Any]) -> _Result_co:
        """Playwright's method that handles requests to matching URLs with `handler`."""


def serve_call_machine(target: PageOrContext[_Result_co]) -> _Result_co:
    """Answer daily-js's requests for its call machine, at all URLs of Daily's CDN, with this package's call machine.

    Error reports of daily-js are intercepted, too. With the async API, await the result.
    """
    machine = call_machine()

    def answer(route: _Route) -> Awaitable[None] | None:
        is_machine = _CALL_MACHINE.match(route.request.url)
        kind, body = ("text/javascript; charset=utf-8", machine) if is_machine else ("application/json", "{}")
        return route.fulfill(status=200, headers={"content-type": kind, "access-control-allow-origin": "*"}, body=body)

    return target.route(re.compile(f"^({_CALL_MACHINE.pattern}|{_ERROR_REPORTS.pattern})"), answer)
