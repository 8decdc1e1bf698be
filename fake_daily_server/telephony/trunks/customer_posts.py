"""Signed POSTs to the customer's server of a SIP trunk: the test before a trunk is used, and each incoming call.

https://docs.daily.co/reference/rest-api/sip-trunk/notification: the headers `X-Siptrunk-Timestamp`, in ms, and
`X-Siptrunk-Signature`; any 2xx counts; the announcement of a call has about 12 s in all, its repetitions included.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fake_daily_server.telephony.trunks.bodies import TEST, probe_body
from fake_daily_server.values.sip_trunk import SipTrunk
from fake_daily_server.web.outgoing import OutgoingHttp
from fake_daily_server.web.signature import sign
from simulator.timeline import Timeline

if TYPE_CHECKING:
    import httpx

TIMESTAMP, SIGNATURE = "X-Siptrunk-Timestamp", "X-Siptrunk-Signature"
FIRST_PAUSE_S = 0.5
"""The pause after the first attempt that failed; each further one is twice as long. Daily documents none."""


def pauses_s() -> Iterator[float]:
    """The pauses between attempts, without end: 0.5, 1, 2, 4, … s."""
    return (FIRST_PAUSE_S * 2**count for count in itertools.count())


def signed_headers(secret: str, timestamp_ms: int, body: bytes) -> dict[str, str]:
    """The header fields of a request; `secret` is in base64."""
    timestamp = str(timestamp_ms)
    return {
        "Content-Type": "application/json",
        TIMESTAMP: timestamp,
        SIGNATURE: sign(secret, timestamp, body),
    }


class CustomerPosts:
    """Sends the requests with one HTTP client, which is created at first use. `now` gives unix seconds."""

    def __init__(self, timeline: Timeline, outgoing: OutgoingHttp, *, limit_s: float, now: Callable[[], float]) -> None:
        """`limit_s` is how long a test may take, and the announcement of a call with all its repetitions."""
        self._timeline = timeline
        self._outgoing = outgoing
        self._limit_s = limit_s
        self._now = now
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def test(self, trunk: SipTrunk) -> str | None:
        """Send the test request, once; returns why the server is not usable, or None."""
        return await self._post(trunk, probe_body(), self._limit_s, purpose=TEST)

    async def announce(self, trunk: SipTrunk, body: bytes, **about: Any) -> str | None:
        """Announce a call until the server accepts it; returns why it has not within the limit, or None.

        `about` are fields of the records. Each attempt is signed anew, and may take all the time that is left.
        """
        deadline = time.monotonic() + self._limit_s
        purpose = json.loads(body)["type"]
        for attempt, pause_s in enumerate(pauses_s(), 1):
            left_s = deadline - time.monotonic()
            failure = await self._post(trunk, body, left_s, purpose=purpose, attempt=attempt, **about)
            if failure is None:
                return None
            if time.monotonic() + pause_s >= deadline:
                break
            await asyncio.sleep(pause_s)
        return failure

    async def close(self) -> None:
        """Close all connections; later requests open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _post(self, trunk: SipTrunk, body: bytes, timeout_s: float, *, purpose: str, **about: Any) -> str | None:
        url = trunk.webhook_url
        headers = signed_headers(trunk.hmac, int(self._now() * 1000), body)
        status: int | None = None
        failure: str | None = "its host is not this machine, and not in the setting allow_hosts"
        if self._outgoing.may_request(url):
            status, failure = await self._exchange(url, body, headers, timeout_s)
        outcome = {"status": status, "error": failure}
        about |= {name: value for name, value in outcome.items() if value is not None}
        self._timeline.append("webhook", purpose=purpose, url=url, trunk=trunk.name, body=json.loads(body), **about)
        return failure

    async def _exchange(
        self, url: str, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> tuple[int | None, str | None]:
        client = await self._open_client()
        import httpx  # noqa: PLC0415 - has been loaded by `_open_client`

        try:
            async with (
                asyncio.timeout(timeout_s),
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                status = response.status_code
        except TimeoutError:
            return None, f"no answer within {self._limit_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as wrong:
            return None, f"{type(wrong).__name__}: {wrong}".rstrip(": ")
        return status, None if 200 <= status < 300 else f"answered {status}, and only 2xx counts"

    async def _open_client(self) -> httpx.AsyncClient:
        """The HTTP client. It is created in a thread: that takes 0.1 s or more, and must not delay calls."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._outgoing.client, timeout=None)
            return self._client
