"""Posts signed requests to customers' servers over HTTP, with a timeout."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_daily_server.domain.clock import Clock
from fake_daily_server.settings import Settings
from fake_daily_server.web.outgoing import OutgoingHttp
from fake_daily_server.web.signature import sign
from fake_daily_server.webhooks.store import Subscription

if TYPE_CHECKING:
    import httpx

TIMESTAMP, SIGNATURE = "X-Webhook-Timestamp", "X-Webhook-Signature"
MAX_RESPONSE_BYTES = 4096
"""How many bytes of a response body are read."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """The result of one request: `status` of the response, or `error` if there was no response."""

    elapsed_ms: float
    status: int | None = None
    error: str | None = None
    body: bytes = b""
    timestamp: str | None = None
    """`X-Webhook-Timestamp` of the request; None if none was made."""
    signature: str | None = None
    """`X-Webhook-Signature` of the request."""

    @property
    def ok(self) -> bool:
        """Whether the request counts as delivered: its response has the status 200."""
        return self.status == 200

    @property
    def failure(self) -> str | None:
        """Why the request does not count as delivered; None if it does."""
        if self.error is not None:
            return self.error
        return None if self.ok else f"answered {self.status}, and only 200 counts"


class Sender:
    """Posts to webhooks with one HTTP client, which is created when first needed."""

    def __init__(self, settings: Settings, clock: Clock, outgoing: OutgoingHttp) -> None:
        self._settings = settings
        self._outgoing = outgoing
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._client_lock = asyncio.Lock()

    async def post(self, to: Subscription, body: bytes) -> PostResult:
        """Sign `body` and post it to the webhook, without following redirects.

        Network errors and timeouts are returned as `error`, not raised.
        """
        client = await self._open_client()
        headers = self._headers(to, body)
        import httpx  # noqa: PLC0415 - has been loaded by `_open_client`

        began = time.monotonic()
        timeout_s = self._settings.webhook_timeout
        status, error, response = None, None, b""
        try:
            async with asyncio.timeout(timeout_s):
                status, response = await self._exchange(client, to.url, body, headers)
        except TimeoutError:
            error = f"no answer within {timeout_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as wrong:
            error = f"{type(wrong).__name__}: {wrong}".rstrip(": ")
        ms = round((time.monotonic() - began) * 1000, 3)
        return PostResult(ms, status, error, response, headers[TIMESTAMP], headers[SIGNATURE])

    async def close(self) -> None:
        """Close all connections; a later `post` opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _open_client(self) -> httpx.AsyncClient:
        """The HTTP client. It is created in a thread: that takes 0.1 s or more, and must not delay calls."""
        async with self._client_lock:
            if self._client is None:
                # without a timeout: `post` has one
                self._client = await asyncio.to_thread(self._outgoing.client, timeout=None)
            return self._client

    async def _exchange(
        self, client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        received = b""
        async with client.stream("POST", url, content=body, headers=headers) as response:
            async for chunk in response.aiter_raw():
                received += chunk[: MAX_RESPONSE_BYTES - len(received)]
                if len(received) >= MAX_RESPONSE_BYTES:
                    break
            return response.status_code, received

    def _headers(self, to: Subscription, body: bytes) -> dict[str, str]:
        unit = 1000 if self._settings.webhook_timestamp == "ms" else 1
        timestamp = str(int(self._clock() * unit))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(to.hmac, timestamp, body),
        }
        if to.basic_auth is not None:
            headers["Authorization"] = f"Basic {to.basic_auth}"
        return headers
