"""WebRTC clients in a process of their own: `python -m benchmarks.webrtc_peers JOB`.

The job `{"join": {"url", "token", "times"}}` joins repeatedly; each result has the ms until the first sound.
The job `{"clients": {"url", "token", "count", "receive", "seconds"}}` connects several clients that send a tone; one
result follows once all are connected, and after `seconds` one with the seconds of audio that each has received.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

from benchmarks.json_lines import emit
from tests.integration.webrtc.peer import WebRtcPeer, on_loopback


async def _join(url: str, token: str, times: int) -> None:
    for _ in range(times):
        began = time.monotonic()
        async with WebRtcPeer(url, token) as peer:
            await peer.until(lambda peer=peer: any(heard.first_at for heard in peer.heard.values()))
            first = min(heard.first_at for heard in peer.heard.values() if heard.first_at)
        emit(ms=(first - began) * 1000)


async def _run_clients(url: str, token: str, count: int, receive: str, seconds: float) -> None:
    async with AsyncExitStack() as stack:
        peers = [
            await stack.enter_async_context(WebRtcPeer(url, token, hz=300 + 50 * number, receive=receive))
            for number in range(count)
        ]
        for peer in peers:
            await peer.until(lambda peer=peer: any(heard.seconds for heard in peer.heard.values()), within=20)
        await asyncio.sleep(2)
        emit(all="are connected")
        before = [_heard(peer) for peer in peers]
        await asyncio.sleep(seconds)
        emit(heard=[_heard(peer) - had for peer, had in zip(peers, before, strict=True)])


def _heard(peer: WebRtcPeer) -> float:
    """Seconds of audio received, of all tracks."""
    return sum(heard.seconds for heard in peer.heard.values())


def _main(job: dict[str, Any]) -> None:
    with on_loopback():
        asyncio.run(_join(**job["join"]) if "join" in job else _run_clients(**job["clients"]))


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
