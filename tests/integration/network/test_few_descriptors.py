"""A process with few free file descriptors: a server that starts can make calls, and says why it does not start."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIMIT = 256
SCRIPT = f"""
import asyncio, resource, sys

resource.setrlimit(resource.RLIMIT_NOFILE, ({LIMIT}, {LIMIT}))
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError

kept = [open("/dev/null") for _ in range(int(sys.argv[1]))]


async def main():
    try:
        async with FakeDaily(Settings(port=0, sip_port=0, sip_timers="fast")) as daily:
            room = await daily.create_room(enable_dialout=True, sip={{"sip_mode": "dial-in", "display_name": "caller"}})
            client = await daily.join(room)
            phone = await daily.network.phone("+12065550142", calls="answer")
            await client.start_dialout({{"phoneNumber": phone.number}})
            await client.wait_for("dialout-answered")
            call = await phone.dial(room.sip_uris[0])
            await call.wait_answered()
            print("calls")
    except ConfigurationError as refused:
        print(str(refused).splitlines()[0])


asyncio.run(main())
"""
REFUSAL = f"ulimit -n: {LIMIT} is not usable; allowed: at least "


@pytest.mark.parametrize("held", [140, 180, 245])
def test_a_server_that_starts_can_make_calls(held: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(held)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == ""
    assert ended.stdout == "calls\n" or ended.stdout.startswith(REFUSAL)
    assert (ended.stdout == "calls\n") == (held < 180)
