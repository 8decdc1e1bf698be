"""The command `serve`: runs a server until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from fake_daily_server.clients.environment import call_machine_url
from fake_daily_server.server_options import ServerOptions, invalid_options_reported, with_server_options

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

STARTER_CHECK_S = 0.5


def with_sandbox_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--sandbox` and `--fresh` to a click command, which receives them under these names."""
    fresh = click.option("--fresh", is_flag=True, help="With --sandbox: begin without what an earlier one has left.")
    sandbox = click.option(
        "--sandbox",
        is_flag=True,
        help="Begin with a room and three phones, and print how to use them: on a page, by programs, by softphones. "
        "Without --port and --sip-port, the next free ports from 7880 and 5060 are used. Rooms, phones, numbers and "
        "webhooks are kept in .daily-sim/sandbox for the next start in this folder.",
    )
    return sandbox(fresh(command))


@click.command(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@with_server_options
@with_sandbox_options
def serve(*, sandbox: bool, fresh: bool, **options: Any) -> None:
    """Run a fake Daily until Ctrl-C or SIGTERM.

    The first line on stdout is one JSON object with all addresses:

    \b
      {"ready": true, "api_url": "http://127.0.0.1:7880/v1", "api_key": "…",
       "sip": "sip:127.0.0.1:5060", "domain": "sandbox", "call_machine_url": "http://127.0.0.1:7880/static"}

    Set DAILY_API_URL and DAILY_API_KEY to api_url and api_key, bundlePathOverride of daily-js to call_machine_url, and
    let softphones call the SIP address. Tests in any language add phones and read events under /_sim, which
    /_sim/openapi.json describes.
    """  # noqa: D301  # \b, a backspace, tells click to keep the line breaks
    serve_until_stopped(ServerOptions(**options), sandbox=sandbox, fresh=fresh)


def serve_until_stopped(options: ServerOptions, *, sandbox: bool, fresh: bool) -> None:
    """Run a server, print its addresses, and return after SIGINT or SIGTERM."""
    if fresh and not sandbox:
        raise click.UsageError("--fresh goes with --sandbox, which keeps rooms and phones in a file; add --sandbox")
    with invalid_options_reported():
        asyncio.run(_serve_sandbox(options, fresh=fresh) if sandbox else _serve(options))


async def _serve(options: ServerOptions) -> None:
    stopping = _stopping_by_signal()
    async with options.serving() as daily:
        _print_addresses(daily)
        await _until(stopping, options)


async def _serve_sandbox(options: ServerOptions, *, fresh: bool) -> None:
    # Not loaded for `--help`.
    from fake_daily_server.sandbox.first_content import add_first_content  # noqa: PLC0415
    from fake_daily_server.sandbox.first_load import load_page  # noqa: PLC0415
    from fake_daily_server.sandbox.guide import guide  # noqa: PLC0415
    from fake_daily_server.sandbox.state_file import read_state, state_is_kept, state_path  # noqa: PLC0415

    stopping = _stopping_by_signal()
    path = state_path()
    state = None if fresh else read_state(path)
    chosen = _with_free_ports(options)
    if state is not None and "api_key" not in chosen.settings.model_fields_set:
        chosen = replace(chosen, api_key=state.api_key)
    async with chosen.serving() as daily:
        refused = await state.add_to(daily) if state is not None else []
        await add_first_content(daily, again=bool(daily.rooms.rooms or daily.network.phones))
        daily.site.page_access.at_root = True
        await load_page(daily)
        click.echo(guide(daily))
        for sentence in refused:
            click.echo(sentence, err=True)
        async with state_is_kept(daily, path):
            await _until(stopping, options)


def _with_free_ports(options: ServerOptions) -> ServerOptions:
    from fake_daily_server.sandbox.free_ports import next_free_port  # noqa: PLC0415

    settings = options.settings
    port, sip_port = options.port, options.sip_port
    if "port" not in settings.model_fields_set:
        port = next_free_port(settings.host, settings.port, socket.SOCK_STREAM)
    if "sip_port" not in settings.model_fields_set:
        sip_port = next_free_port(settings.host, settings.sip_port, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return replace(options, port=port, sip_port=sip_port)


def _stopping_by_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    return stopping


async def _until(stopping: asyncio.Event, options: ServerOptions) -> None:
    if options.end_with is not None:
        await _stop_with_process(options.end_with, stopping)
    await stopping.wait()


def _print_addresses(daily: FakeDaily) -> None:
    ready = {
        "ready": True,
        "api_url": daily.api_url,
        "api_key": daily.api_key,
        "sip": daily.sip,
        "domain": daily.domain,
        "call_machine_url": call_machine_url(daily.api_url),
    }
    if daily.sip_tls is not None:
        ready |= {"sip_tls": daily.sip_tls, "sip_tls_certificate": str(daily.sip_tls_certificate)}
    click.echo(json.dumps(ready))


async def _stop_with_process(starter: int, stopping: asyncio.Event) -> None:
    """Set `stopping` once the process `starter`, which started this one, has ended; return once `stopping` is set."""
    while not stopping.is_set():
        if not _is_running(starter):
            stopping.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), STARTER_CHECK_S)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs under another user
        return True
    return True
