"""The trial request to a `room_creation_api` when it is configured. Its outcome is recorded and changes nothing.

https://docs.daily.co/docs/guides/features/dial-in-dial-out/sip-interconnect-pinless
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import urllib.parse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fake_daily_server.dialin_config import DialinConfig
from fake_daily_server.signature import sign
from simulator.timeline import Timeline

if TYPE_CHECKING:
    from fake_daily_server.rooms import RoomStore

PROBE_WITHIN_S = 5.0


def may_call(url: str, allow_hosts: Iterable[str]) -> bool:
    """Whether a URL leads to this machine, or to a host that the user allowed by name."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback or host in allow_hosts
    except ValueError:
        return host == "localhost" or host in allow_hosts


async def probe(store: RoomStore, configs: Iterable[DialinConfig]) -> None:
    """Post a test body to each configuration's `room_creation_api`, and put the outcomes on the timeline."""
    wanted = [config for config in configs if config.room_creation_api]
    if wanted:
        await asyncio.gather(*(_probe(store, config) for config in wanted))


async def _probe(store: RoomStore, config: DialinConfig) -> None:
    url = config.room_creation_api
    if not may_call(url, store.settings.allow_hosts):
        _record(store.timeline, config, refused="its host is not this machine, and not in allow_hosts")
        return
    import httpx  # noqa: PLC0415 - most servers never probe

    body = json.dumps({"test": "test", **({"To": config.phone_number} if config.phone_number else {})}).encode()
    moment = str(int(store.now() * 1000))
    headers = {
        "Content-Type": "application/json",
        "X-Pinless-Timestamp": moment,
        "X-Pinless-Signature": sign(config.hmac, moment, body),
    }
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PROBE_WITHIN_S) as http:
            response = await http.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        _record(store.timeline, config, error=f"{type(failure).__name__}: {failure}")
    else:
        _record(store.timeline, config, status=response.status_code)


def _record(timeline: Timeline, config: DialinConfig, **outcome: str | int) -> None:
    told: dict[str, Any] = {"purpose": "probe", "url": config.room_creation_api, "config": config.id, **outcome}
    timeline.append("webhook", **told)
