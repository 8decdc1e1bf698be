"""Duration of the reset between two tests."""

from __future__ import annotations

import time

from benchmarks.figures import Row, Run, timed
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.owner_loop import LoopThread


def measure(run: Run) -> list[Row]:
    """Time of `FakeDaily.reset` after three kinds of test, called from the test's thread as the fixture does.

    After a test that did nothing; after one with a room, a client, a phone and a finished call; and after one whose
    call is still up, so that the reset ends it by SIP and waits for both workers. The kinds alternate. A pause of
    30 ms after each, which is not in the figures, keeps the calls below the rate at which the front door queues them.
    """
    samples: dict[str, list[float]] = {"nothing": [], "ended": [], "up": []}
    repetitions = run.repetitions(60)
    with LoopThread() as thread:
        daily = FakeDaily(Settings(port=0, sip_port=0))
        thread.call(daily.__aenter__())
        for done in range(repetitions + 1):
            for kind, times in samples.items():
                if kind != "nothing":
                    thread.call(_test(daily, leave_up=kind == "up"))
                began = time.perf_counter()
                daily.owner_loop.call(daily.reset())
                if done:
                    times.append((time.perf_counter() - began) * 1000)
                time.sleep(0.03)
            run.progress(done, repetitions)
        thread.call(daily.__aexit__(None, None, None))
    return [
        timed("reset after a test with a finished call", samples["ended"], limit_ms=5),
        timed("reset that has to hang up a call", samples["up"], limit_ms=5),
        timed("reset after a test that did nothing", samples["nothing"], limit_ms=5),
    ]


async def _test(daily: FakeDaily, *, leave_up: bool) -> None:
    room = await daily.create_room(enable_dialout=True)
    phone = await daily.network.phone("+12065550142")
    client = await daily.join(room)
    session = await client.start_dialout({"phoneNumber": phone.number})
    await client.wait_for("dialout-answered", where={"sessionId": session})
    call = await phone.wait_for_call()
    await call.wait_answered()
    if not leave_up:
        await client.stop_dialout(session)
        await client.wait_for("dialout-stopped")
        await call.wait_for_end()
