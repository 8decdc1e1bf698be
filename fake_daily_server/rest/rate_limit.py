"""Daily's rate limits, off by default (https://docs.daily.co/reference/rest-api#rate-limits).

About 20 calls/s, counted as 100 in 5 s; deleting rooms and listing recordings about 2/s, counted as 50 in 30 s.
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
class Window:
    """At most `most` calls within any `seconds`."""

    most: int
    seconds: float
    _taken: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> bool:
        """Count a call, if it is still allowed."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) >= self.most:
            return False
        self._taken.append(now)
        return True


class RateLimit:
    """Answers 429 rate-limit-error beyond the limits. Comes after the API key is checked; a refused call is free."""

    def __init__(self, app: ASGIApp, now: Callable[[], float]) -> None:
        self._app = app
        self._now = now
        self._usual = Window(100, 5.0)
        self._slow = Window(50, 30.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1"):
            window = self._slow if _is_slow(scope) else self._usual
            if not window.take(self._now()):
                info = f"more than {window.most} calls in {window.seconds:g} s; wait and try again, longer each time"
                await answer(DailyError(429, "rate-limit-error", info))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_slow(scope: Scope) -> bool:
    return any(scope["method"] == method and path.fullmatch(scope["path"]) for method, path in _SLOW)
