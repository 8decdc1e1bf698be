"""`daily-sim forward`: deliveries to one's own server, one line each, until Ctrl-C, which unsubscribes it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily


class Forward:
    """The command, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.text = ""

    async def until(self, wanted: str) -> str:
        """Read lines until one has `wanted` in it; return that."""
        assert self.process.stdout is not None
        while True:
            line = (await self.process.stdout.readline()).decode()
            assert line, f"no {wanted!r} in:\n{self.text}"
            self.text += line
            if wanted in line:
                return line

    async def end(self, with_signal: int = signal.SIGINT) -> int:
        self.process.send_signal(with_signal)
        out, _ = await self.process.communicate()
        self.text += out.decode()
        return self.process.returncode or 0


@asynccontextmanager
async def forward(daily: FakeDaily, to: str, *options: str) -> AsyncIterator[Forward]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fake_daily_server", "forward", "--to", to, "--url", daily.url),
        *("--api-key", daily.api_key, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Forward(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def trigger(daily: FakeDaily) -> None:
    async with httpx.AsyncClient(base_url=daily.url, trust_env=False) as client:
        answer = await client.post("/_sim/trigger", json={"event": "meeting.started"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_each_delivery_is_a_line_and_the_end_unsubscribes(fake_daily: FakeDaily, ending: int) -> None:
    async with WebhookReceiver() as receiver:
        options = ("--events", "meeting.started,meeting.ended", "--hmac", receiver.hmac)
        async with forward(fake_daily, receiver.url, *options) as command:
            await command.until("Ctrl-C ends it")
            assert not receiver.posts[0].is_event  # the test request precedes the webhook
            (webhook,) = fake_daily.site.webhooks.webhooks
            assert webhook.subscription.event_types == ("meeting.started", "meeting.ended")
            await trigger(fake_daily)
            line = await command.until("meeting.started   ")
            assert " 200, " in line
            assert "(triggered)" in line
            await receiver.wait_for("meeting.started")
            assert await command.end(ending) == 0
        assert f"{receiver.url} is unsubscribed" in command.text
        assert fake_daily.site.webhooks.webhooks == ()


async def test_a_failure_a_retry_and_a_webhook_that_has_failed_are_said(fake_daily: FakeDaily) -> None:
    async with WebhookReceiver() as receiver:
        receiver.answer([200, 500, 200, 500])
        async with forward(fake_daily, receiver.url, "--retry-type", "exponential") as command:
            await command.until("Ctrl-C ends it")
            await trigger(fake_daily)
            assert "answered 500, and only 200 counts" in await command.until("(again in 60 s)")
            await fake_daily.advance_clock(61)
            assert " 200, " in await command.until("(attempt 2)")
        async with WebhookReceiver() as other:
            other.answer([200, 500])
            async with forward(fake_daily, other.url) as command:
                await command.until("Ctrl-C ends it")
                for _ in range(3):
                    await trigger(fake_daily)
                    await command.until("answered 500")
                await command.until("is FAILED and receives nothing more")


async def test_a_webhook_that_has_the_url_already_is_named(fake_daily: FakeDaily) -> None:
    receiver = await fake_daily.receive_webhooks(("meeting.started",))
    async with forward(fake_daily, receiver.url) as command:
        await command.until(f"gets events twice; DELETE /v1/webhooks/{receiver.uuid} removes it")
        await command.until("Ctrl-C ends it")
        assert await command.end() == 0
    assert [webhook.uuid for webhook in fake_daily.site.webhooks.webhooks] == [receiver.uuid]


async def test_after_a_reset_it_subscribes_again(fake_daily: FakeDaily) -> None:
    async with WebhookReceiver() as receiver, forward(fake_daily, receiver.url) as command:
        await command.until("Ctrl-C ends it")
        await fake_daily.reset()
        await command.until("it is subscribed again")
        await command.until("Ctrl-C ends it")
        await trigger(fake_daily)
        await command.until("meeting.started   ")


@pytest.mark.parametrize(
    ("to", "options", "said"),
    [
        ("http://192.0.2.66/hook", (), "allow_hosts"),
        ("http://127.0.0.1:1/hook", (), "the test request to url"),
        ("http://127.0.0.1:1/hook", ("--events", "dialout.anwered"), "did you mean 'dialout.answered'"),
        ("nowhere", (), "'nowhere' is not usable"),
        ("http://127.0.0.1:1/", ("--url", "http://127.0.0.1:1"), "no server answers at http://127.0.0.1:1"),
        ("http://127.0.0.1:1/", ("--api-key", "wrong"), "the API key is not the one"),
        ("http://127.0.0.1:1/", ("--api-key", ""), "--api-key is missing"),
    ],
)
async def test_what_is_refused_is_said_in_a_sentence(
    fake_daily: FakeDaily, to: str, options: tuple[str, ...], said: str
) -> None:
    async with forward(fake_daily, to, *options) as command:
        await command.until(said)
        await command.process.communicate()
        assert command.process.returncode in (1, 2)
        assert "Traceback" not in command.text


async def test_the_end_of_the_server_is_said() -> None:
    async with WebhookReceiver() as receiver, FakeDaily() as daily, forward(daily, receiver.url) as command:
        await command.until("Ctrl-C ends it")
        await daily.__aexit__(None, None, None)
        await command.until("no server answers")
