"""Plays calls with peers that name other machines wherever SIP, SDP and HTTP let them.

`python -m tests.interop.namespaces.hostile_peers ADDRESS [CASE…]` starts servers at the address, plays the cases, and
prints a JSON object for each: its name, what was wrong (or null), and how many refusals were recorded.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.interop.namespaces import http_cases, media_cases, signalling_cases  # noqa: F401 - they register their cases
from tests.interop.namespaces.cases import ALONE, CASES, Surroundings

_CASE_TIMEOUT_S = 20
_OF_MEDIA = ("media at", "section", "RTCP")
"""In the names of cases that differ without a relay: then the worker itself sends to the peer's media address."""


async def surroundings(daily: FakeDaily) -> Surroundings:
    """A room with a client, on a server that is as after its start."""
    sip = {
        "sip_mode": "dial-in",
        "display_name": "SIP caller",
        "codecs": {"audio": ["PCMU"]},
        "video": True,
        "num_endpoints": 3,
    }
    await daily.reset()
    room = await daily.create_room(enable_dialout=True, sip=sip)
    return Surroundings(daily, room, await daily.join(room))


async def play(daily: FakeDaily, name: str) -> None:
    """Play one case and print its outcome."""
    wrong: str | None = None
    try:
        async with asyncio.timeout(_CASE_TIMEOUT_S):
            await CASES[name](await surroundings(daily))
    except Exception as error:  # noqa: BLE001 - it is the outcome
        wrong = f"{type(error).__name__}: {str(error)[:300]}"
    deaths = [record.fields["how"] for record in daily.timeline.records(kind="worker") if "how" in record.fields]
    outcome = {
        "case": name if daily.network.relay is not None else f"{name}, without a relay",
        "wrong": wrong or (f"a worker died: {deaths}" if deaths else None),
        "refusals": len(list(daily.timeline.records(kind="destination"))),
    }
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


async def play_in_turn(address: str, names: Iterable[str], *, rtp_relay: bool) -> None:
    """Play cases one after the other on a server of their own."""
    settings = Settings(host=address, port=0, sip_port=0, rtp_relay=rtp_relay, sip_dialout_codecs=("PCMU",))
    async with FakeDaily(settings) as daily:
        for name in names:
            await play(daily, name)


async def play_all(address: str, names: list[str]) -> None:
    """Play the named cases, or all, with a relay, and those of media also without one."""
    chosen = names or list(CASES)
    together = [name for name in chosen if name not in ALONE]
    of_media = [name for name in together if any(word in name for word in _OF_MEDIA)]
    await asyncio.gather(
        play_in_turn(address, together[::2], rtp_relay=True),
        play_in_turn(address, together[1::2], rtp_relay=True),
        play_in_turn(address, of_media, rtp_relay=False),
    )
    await play_in_turn(address, [name for name in chosen if name in ALONE], rtp_relay=True)


if __name__ == "__main__":
    asyncio.run(play_all(sys.argv[1], sys.argv[2:]))
