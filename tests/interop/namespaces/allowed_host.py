"""Dials a host that is allowed by name, on an isolated machine, until its standard input ends.

`python -m tests.interop.namespaces.allowed_host ADDRESS` starts a server at the address for that.
"""

from __future__ import annotations

import asyncio
import sys

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

ALLOWED = "pbx.example"


async def main(address: str) -> None:
    async with FakeDaily(Settings(host=address, port=0, sip_port=0, allow_hosts=(ALLOWED,))) as daily:
        client = await daily.join(await daily.create_room(enable_dialout=True))
        await client.start_dialout({"sipUri": f"sip:bob@{ALLOWED}"})
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
