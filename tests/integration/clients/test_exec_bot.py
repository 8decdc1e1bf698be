"""An unmodified Pipecat bot with a `.env` file that names the real Daily, run by `exec`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_daily_server.sync import SyncFakeDaily
from simulator.sync import SyncNetwork

pytestmark = pytest.mark.interop("pipecat")

DESK = "+12065550142"

BOT = f"""
import asyncio

import aiohttp
from dotenv import load_dotenv
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.runner.daily import configure
from pipecat.transports.daily.transport import DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

load_dotenv(override=True)


async def main():
    async with aiohttp.ClientSession() as session:
        room_url, token = await configure(session)
    transport = DailyTransport(room_url, token, "Bot", DailyParams(audio_in_enabled=True, audio_out_enabled=True))
    worker = PipelineWorker(Pipeline([transport.input(), transport.output()]))

    @transport.event_handler("on_joined")
    async def on_joined(transport, data):
        print("joined", room_url, flush=True)
        await transport.start_dialout({{"phoneNumber": "{DESK}"}})

    @transport.event_handler("on_dtmf_event")
    async def on_dtmf_event(transport, data):
        print("heard", data["tone"], flush=True)

    @transport.event_handler("on_dialout_stopped")
    async def on_dialout_stopped(transport, data):
        await worker.cancel()

    runner = WorkerRunner()
    await runner.add_workers(worker)
    await runner.run()


asyncio.run(main())
"""
ENV_FILE = "DAILY_API_KEY=key of the real Daily\nDAILY_API_URL=https://api.daily.co/v1\n"


def test_exec_runs_an_unmodified_bot_that_calls_a_phone(
    sync_fake_daily: SyncFakeDaily, sync_phone_network: SyncNetwork, tmp_path: Path
) -> None:
    (tmp_path / "bot.py").write_text(BOT)
    (tmp_path / ".env").write_text(ENV_FILE)
    desk = sync_phone_network.phone(DESK)
    room = sync_fake_daily.create_room("lobby", enable_dialout=True)
    onlooker = sync_fake_daily.join(room)
    server = ("--server", sync_fake_daily.api_url, "--api-key", sync_fake_daily.api_key, "--room", "lobby")
    bot = subprocess.Popen(
        [sys.executable, "-m", "fake_daily_server", "exec", *server, "--", sys.executable, "bot.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        call = desk.wait_for_call(within=30)
        call.wait_answered()
        call.press("7")
        onlooker.wait_for("dtmf-event")
        call.hang_up()
        output, errors = bot.communicate(timeout=20)
    finally:
        bot.terminate()
        bot.communicate()
    assert bot.returncode == 0, errors
    assert output.splitlines() == [f"joined {room.url}", "heard 7"]
