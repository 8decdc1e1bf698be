"""Posting to a customer's server over HTTP: signed headers, a time limit, and only where this machine may reach."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_daily_server.domain.clock import Clock
from fake_daily_server.settings import Settings
from fake_daily_server.web.signature import sign
from fake_daily_server.webhooks.store import Subscription

if TYPE_CHECKING:
    import httpx

KEPT_OF_AN_ANSWER = 4096
"""Bytes; more is not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request: `status`, or `error` when there was no answer."""

    ms: float
    status: int | None = None
    error: str | None = None
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Only 200 counts."""
        return self.status == 200

    @property
    def failure(self) -> str | None:
        """Why it does not count; None when it does."""
        if self.error is not None:
            return self.error
        return None if self.ok else f"answered {self.status}, and only 200 counts"


class Sender:
    """The one HTTP client of a server, made when first needed; `close` ends its connections."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def post(self, to: Subscription, body: bytes) -> Answer:
        """Sign and send; never raises, whatever the other side does. A redirect is an answer like any other."""
        client = await self._ready()
        import httpx  # noqa: PLC0415 - loaded by now

        began = time.monotonic()
        limit = self._settings.webhook_timeout
        status, error, said = None, None, b""
        try:
            async with asyncio.timeout(limit):
                status, said = await self._exchange(client, to, body)
        except TimeoutError:
            error = f"no answer within {limit:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as wrong:
            error = f"{type(wrong).__name__}: {wrong}".rstrip(": ")
        return Answer(round((time.monotonic() - began) * 1000, 3), status, error, said)

    async def close(self) -> None:
        """Let go of every connection; a later `post` makes new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ready(self) -> httpx.AsyncClient:
        """The client. Made in a thread: that takes 0.1 s and more the first time, and calls go on meanwhile."""
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(_new_client)
            return self._client

    async def _exchange(self, client: httpx.AsyncClient, to: Subscription, body: bytes) -> tuple[int, bytes]:
        said = b""
        async with client.stream("POST", to.url, content=body, headers=self._headers(to, body)) as response:
            async for chunk in response.aiter_raw():
                said += chunk[: KEPT_OF_AN_ANSWER - len(said)]
                if len(said) >= KEPT_OF_AN_ANSWER:
                    break
            return response.status_code, said

    def _headers(self, to: Subscription, body: bytes) -> dict[str, str]:
        unit = 1000 if self._settings.webhook_timestamp == "ms" else 1
        moment = str(int(self._clock() * unit))
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Timestamp": moment,
            "X-Webhook-Signature": sign(to.hmac, moment, body),
        }
        if to.basic_auth is not None:
            headers["Authorization"] = f"Basic {to.basic_auth}"
        return headers


def _new_client() -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415 - most servers have no webhooks

    return httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113 - `post` has the limit
