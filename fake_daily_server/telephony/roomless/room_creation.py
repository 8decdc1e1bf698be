"""Signed POSTs to the customer's `room_creation_api`, which ask it to create a room for a held caller.

The signed timestamp is Unix time in ms, as the live service sends it, or in s, as Daily's guide shows (setting
`pinless_timestamp`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.settings import Settings
from fake_daily_server.values.dialin_config import DialinConfig
from fake_daily_server.web.outgoing import may_request
from fake_daily_server.web.signature import sign
from simulator.timeline import Timeline

if TYPE_CHECKING:
    import httpx


def request_body(call_id: str, *, to: str, caller: str, domain_id: str, sip_headers: Mapping[str, str]) -> bytes:
    """The body of the request for a held caller.

    The JSON is compact, because some servers verify the signature over a body that they have parsed and reserialised.
    """
    fields: dict[str, Any] = {"To": to, "From": caller, "callId": call_id, "callDomain": domain_id}
    if sip_headers:
        fields["sipHeaders"] = dict(sip_headers)
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


class RoomCreationClient:
    """Sends POSTs to `room_creation_api` URLs, with one HTTP client that is created at first use."""

    def __init__(self, settings: Settings, timeline: Timeline) -> None:
        self._settings = settings
        self._timeline = timeline
        self._client: httpx.AsyncClient | None = None

    async def post(self, config: DialinConfig, body: bytes, **about: Any) -> str | None:
        """POST a body; returns the reason of a failure, None after a 200. `about` are fields of the timeline record."""
        url = config.room_creation_api
        status: int | None = None
        failure: str | None = "its host is not this machine, and not in the setting allow_hosts"
        if may_request(url, self._settings.allow_hosts):
            status, failure = await self._send(url, config.hmac, body)
        outcome = {"status": status, "error": failure}
        known: dict[str, Any] = {name: value for name, value in outcome.items() if value is not None}
        request: dict[str, Any] = {
            "purpose": "room_creation_api",
            "url": url,
            "config": config.id,
            "body": json.loads(body),
        }
        self._timeline.append("webhook", **request, **known, **about)
        return failure

    async def close(self) -> None:
        """Close all connections; a later `post` opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(self, url: str, secret: str, body: bytes) -> tuple[int | None, str | None]:
        import httpx  # noqa: PLC0415 - takes 0.1 s to load, and most servers never hold a caller

        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=self._settings.room_creation_timeout)
        in_ms = self._settings.pinless_timestamp == "ms"
        timestamp = str(time.time_ns() // (1_000_000 if in_ms else 1_000_000_000))
        headers = {
            "Content-Type": "application/json",
            "X-Pinless-Timestamp": timestamp,
            "X-Pinless-Signature": sign(secret, timestamp, body),
        }
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except httpx.TimeoutException:
            return None, f"no answer within {self._settings.room_creation_timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            return None, f"{type(wrong).__name__}: {wrong}"
        if response.status_code != 200:
            return response.status_code, f"answered {response.status_code}, and only 200 counts"
        return 200, None
