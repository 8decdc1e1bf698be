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


def with_sandbox_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--sandbox` to a click command, which receives it as `sandbox`."""
    return click.option(
        "--sandbox",
        is_flag=True,
        help="Begin with a room and three phones, and print how to use them: on a page, by programs, by softphones. "
        "Without --port and --sip-port, the next free ports from 7880 and 5060 are used.",
    )(command)


@click.command(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@with_server_options
@with_sandbox_option
def serve(*, sandbox: bool, **options: Any) -> None:
    """Run a fake Daily until Ctrl-C or SIGTERM.

    The first line on stdout is one JSON object with all addresses:

    \b
      {"ready": true, "api_url": "http://127.0.0.1:7880/v1", "api_key": "…",
       "sip": "sip:127.0.0.1:5060", "domain": "sandbox", "call_machine_url": "http://127.0.0.1:7880/static"}

    Set DAILY_API_URL and DAILY_API_KEY to api_url and api_key, bundlePathOverride of daily-js to call_machine_url, and
    let softphones call the SIP address. Tests in any language add phones and read events under /_sim, which
    /_sim/openapi.json describes.
    """  # noqa: D301  # \b, a backspace, tells click to keep the line breaks
    serve_until_stopped(ServerOptions(**options), sandbox=sandbox)


def serve_until_stopped(options: ServerOptions, *, sandbox: bool) -> None:
    """Run a server, print its addresses, and return after SIGINT or SIGTERM."""
    with invalid_options_reported():
        asyncio.run(_serve(_with_free_ports(options) if sandbox else options, sandbox=sandbox))


def _with_free_ports(options: ServerOptions) -> ServerOptions:
    from fake_daily_server.sandbox.free_ports import next_free_port  # noqa: PLC0415

    settings = options.settings
    port, sip_port = options.port, options.sip_port
    if "port" not in settings.model_fields_set:
        port = next_free_port(settings.host, settings.port, socket.SOCK_STREAM)
    if "sip_port" not in settings.model_fields_set:
        sip_port = next_free_port(settings.host, settings.sip_port, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return replace(options, port=port, sip_port=sip_port)


async def _serve(options: ServerOptions, *, sandbox: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    async with options.serving() as daily:
        if sandbox:
            await _begin_sandbox(daily)
        else:
            _print_addresses(daily)
        if options.end_with is not None:
            await _stop_with_process(options.end_with, stopping)
        await stopping.wait()


async def _begin_sandbox(daily: FakeDaily) -> None:
    from fake_daily_server.sandbox.first_content import add_first_content  # noqa: PLC0415
    from fake_daily_server.sandbox.guide import guide  # noqa: PLC0415

    await add_first_content(daily)
    click.echo(guide(daily))


def _print_addresses(daily: FakeDaily) -> None:
    ready = {
        "ready": True,
        "api_url": daily.api_url,
        "api_key": daily.api_key,
        "sip": daily.sip,
        "domain": daily.domain,
        "call_machine_url": call_machine_url(daily.api_url),
    }
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
