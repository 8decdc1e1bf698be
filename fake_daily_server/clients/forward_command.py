"""The command `forward`: subscribes a URL to the webhooks of a server that runs, and prints each delivery."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from fake_daily_server.clients.running_server import RunningServer, with_running_server

_WAIT_MS = 1000
"""How long one request waits for a delivery; afterwards it is seen whether the webhook is still there."""


@click.command("forward", context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.option("--to", metavar="URL", required=True, help="Your server, such as http://127.0.0.1:8000/webhooks.")
@click.option(
    "--events",
    metavar="TYPE[,TYPE]...",
    multiple=True,
    help="Types of webhook events, such as dialout.answered; can be repeated.  [default: all]",
)
@click.option("--hmac", metavar="SECRET", help="The secret in base64 that signs the requests.  [default: a new one]")
@click.option(
    "--retry-type",
    type=click.Choice(["circuit-breaker", "exponential"]),
    default="circuit-breaker",
    help="What follows a failure, as Daily has it.",
)
@with_running_server
def forward(
    *, to: str, events: tuple[str, ...], hmac: str | None, retry_type: str, url: str, api_key: str | None
) -> None:
    """Send the webhooks of a server that runs to your own, and print each delivery until Ctrl-C.

    \b
      daily-sim forward --to http://127.0.0.1:8000/webhooks
      daily-sim forward --to http://127.0.0.1:8000/webhooks --events dialout.answered,dialout.stopped

    Like Daily, the server sends a test request first, which has to be answered with 200. Only URLs on the server's
    machine are allowed, and those that it was started with (--allow-host). Ctrl-C unsubscribes the URL.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    server = RunningServer(url, api_key)
    if not server.has_key:
        raise click.UsageError("--api-key is missing, or DAILY_API_KEY: the key that the server has printed")
    types = [name for given in events for name in given.replace(",", " ").split()]
    body = {"url": to, "retryType": retry_type, "eventTypes": types, **({"hmac": hmac} if hmac else {})}
    with _interrupted_by_sigterm():
        _Forwarding(server, body).run()


class _Forwarding:
    """One webhook, from its subscription to its end."""

    def __init__(self, server: RunningServer, body: dict[str, Any]) -> None:
        self._server = server
        self._body = body

    def run(self) -> None:
        """Subscribe, print deliveries until Ctrl-C, unsubscribe. Raises ClickException when the server ends."""
        webhook: dict[str, Any] | None = None
        after, was_failed = self._last_seq(), False
        try:
            self._warn_of_others()
            webhook = self._subscribe()
            self._say_subscribed(webhook)
            while True:
                after, state = self._print_deliveries(webhook, after)
                if state is None:
                    click.echo("the webhook is gone, as after a reset; it is subscribed again")
                    webhook, was_failed = self._subscribe(), False
                    self._say_subscribed(webhook)
                elif state == "FAILED" and not was_failed:
                    click.echo(_failed(webhook))
                was_failed = state == "FAILED"
        except KeyboardInterrupt:
            if webhook is not None:
                self._server.request("DELETE", f"/v1/webhooks/{webhook['uuid']}")
                click.echo(f"\n{webhook['url']} is unsubscribed")

    def _warn_of_others(self) -> None:
        """Say which webhooks have the same URL, such as one that an earlier run could not remove."""
        for each in self._server.request("GET", "/v1/webhooks"):
            if each["url"] == self._body["url"]:
                remove = f"DELETE /v1/webhooks/{each['uuid']} removes it"
                click.echo(f"{each['url']} has a webhook already, and gets events twice; {remove}", err=True)

    def _subscribe(self) -> dict[str, Any]:
        webhook: dict[str, Any] = self._server.request("POST", "/v1/webhooks", body=self._body)
        return webhook

    def _say_subscribed(self, webhook: Mapping[str, Any]) -> None:
        """Say it once the webhook is known to whoever presses Ctrl-C now, so that it is unsubscribed."""
        click.echo(f"{', '.join(self._body['eventTypes']) or 'all events'} → {webhook['url']}")
        click.echo(f"signed with {webhook['hmac']}; Ctrl-C ends it")

    def _last_seq(self) -> int:
        deliveries: Sequence[dict[str, Any]] = self._server.request("GET", "/_sim/webhooks/deliveries")["deliveries"]
        return max((each["seq"] for each in deliveries), default=0)

    def _print_deliveries(self, webhook: dict[str, Any], after: int) -> tuple[int, str | None]:
        """Wait for deliveries and print them; return the last `seq`, and the webhook's state: None if it is gone."""
        query = {"webhook": webhook["uuid"], "after": after, "wait_ms": _WAIT_MS}
        answer = self._server.request("GET", "/_sim/webhooks/deliveries", params=query)
        for entry in answer["deliveries"]:
            click.echo(_line(entry))
            after = entry["seq"]
        return after, answer["webhooks"].get(webhook["uuid"])


def _failed(webhook: dict[str, Any]) -> str:
    return (
        f"the webhook is FAILED and receives nothing more, as at Daily; POST /v1/webhooks/{webhook['uuid']} "
        "activates it, and --retry-type exponential never lets it fail"
    )


def _line(entry: dict[str, Any]) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(entry["at"]))
    what = entry["type"] or "test request"
    marks = [
        f"attempt {entry['attempt']}" if entry["attempt"] > 1 else "",
        "triggered" if entry["triggered"] else "",
        "bad signature" if entry["signature_valid"] is False else "",
        f"again in {entry['retry_at'] - entry['at']:.0f} s" if entry["retry_at"] else "",
    ]
    shown = "".join(f" ({mark})" for mark in marks if mark)
    result = entry["error"] or str(entry["status"])
    return f"{at}  {what:<24} {result}, {entry['ms']:.0f} ms{shown}  {entry['id'] or ''}".rstrip()


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, so that the webhook is unsubscribed then, too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
