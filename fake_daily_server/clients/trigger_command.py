"""The command `trigger`: sends an event by hand through a server that runs."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from fake_daily_server.clients.running_server import RunningServer, with_running_server


@click.command("trigger", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("event", required=False)
@click.option("--room", metavar="ROOM", help="The room of the event.  [default: the only room]")
@click.option(
    "--set",
    "assignments",
    metavar="FIELD=VALUE",
    multiple=True,
    help="A field that differs from the sample, such as destination=+12065550142, or details.destination=…; JSON if it "
    "begins with {, [ or a quotation mark; can be repeated.",
)
@click.option("--list", "is_list", is_flag=True, help="List all events; with EVENT, its fields and a sample of them.")
@with_running_server
def trigger(
    *, event: str | None, room: str | None, assignments: tuple[str, ...], is_list: bool, url: str, api_key: str | None
) -> None:
    """Send an event that did not happen, through a server that runs.

    \b
      daily-sim trigger dialout.answered --set destination=+12065550142    to webhooks
      daily-sim trigger dtmf-event --room demo --set tone=5                to the clients of the room
      daily-sim trigger --list

    Events with a dot are webhooks; they reach those that are subscribed to them. Events with a dash reach the clients
    of the room. The server's records say that the event was triggered.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    if is_list:
        _list(event)
        return
    if event is None:
        raise click.UsageError("EVENT is missing; --list lists all")
    server = RunningServer(url, api_key)
    fields = dict(_assigned(assignment) for assignment in assignments)
    sent = server.request("POST", "/_sim/trigger", body={"event": event, "room": room, "fields": fields})
    click.echo(f"{sent['event']} → {', '.join(sent['to'])}")
    click.echo(json.dumps(sent["fields"], indent=2, ensure_ascii=False))


def _list(event: str | None) -> None:
    from fake_daily_server.handles.triggers import EVENTS, receiver_of, samples  # noqa: PLC0415  # `--help` is at once
    from simulator.errors import ConfigurationError  # noqa: PLC0415

    if event is None:
        width = max(map(len, EVENTS))
        for name in EVENTS:
            click.echo(f"{name:<{width}}  to {receiver_of(name)}")
        return
    try:
        receiver_of(event)
    except ConfigurationError as unknown:
        raise click.ClickException(str(unknown)) from None
    sample = samples("demo", "sandbox", "sip:demo.0@127.0.0.1:5060", time.time())[event]
    click.echo(json.dumps(sample, indent=2, ensure_ascii=False))


def _assigned(assignment: str) -> tuple[str, Any]:
    name, equals, value = assignment.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{assignment!r} is not usable; allowed: FIELD=VALUE", param_hint="--set")
    if not value.startswith(("{", "[", '"')):
        return name, value
    try:
        return name, json.loads(value)
    except ValueError as wrong:
        raise click.BadParameter(f"{name}: {value!r} is not JSON: {wrong}", param_hint="--set") from None
