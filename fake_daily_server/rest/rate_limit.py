"""Daily's rate limits, off by default (https://docs.daily.co/reference/rest-api#rate-limits).

Most calls are limited to about 20 per second, counted as 100 in 5 s; deleting rooms and listing recordings to about 2
per second, counted as 50 in 30 s.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from fake_daily_server.values.errors import DailyError
from fake_daily_server.web.error_answers import answer

_SLOW = (("DELETE", re.compile(r"/v1/rooms/[^/]+/?")), ("GET", re.compile(r"/v1/recordings/?")))


@dataclass(slots=True)
class SlidingWindow:
    """Allows at most `max_calls` within any period of `seconds`."""

    max_calls: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def allow(self, now: float) -> bool:
        """Return whether another call is allowed at `now`, in unix seconds; if so, count it."""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if len(self._times) >= self.max_calls:
            return False
        self._times.append(now)
        return True


class RateLimitMiddleware:
    """Answers calls beyond the limits with 429 rate-limit-error. Only accepted calls with the API key count."""

    def __init__(self, app: ASGIApp, now: Callable[[], float]) -> None:
        self._app = app
        self._now = now
        self._usual = SlidingWindow(100, 5.0)
        self._slow = SlidingWindow(50, 30.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1"):
            window = self._slow if _is_slow(scope) else self._usual
            if not window.allow(self._now()):
                info = (
                    f"more than {window.max_calls} calls in {window.seconds:g} s; wait and try again, longer each time"
                )
                await answer(DailyError(429, "rate-limit-error", info))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_slow(scope: Scope) -> bool:
    return any(scope["method"] == method and path.fullmatch(scope["path"]) for method, path in _SLOW)
