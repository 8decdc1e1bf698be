"""`python -m fake_daily_server` runs a fake Daily for any client on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import click

from fake_daily_server.clients.commands import exec_command, javascript
from fake_daily_server.clients.environment import call_machine_url
from fake_daily_server.contract.command import contract
from fake_daily_server.starting import ServerOptions, invalid_options_reported

STARTER_CHECK_S = 0.5


@click.group(
    invoke_without_command=True, context_settings={"show_default": True, "help_option_names": ["-h", "--help"]}
)
@click.option("--host", default="127.0.0.1", help="Loopback address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7880,
    help="TCP port of REST and signalling; 0 takes any free port.",
)
@click.option(
    "--sip-port", type=click.IntRange(0, 65535), default=5060, help="UDP and TCP port of SIP; 0 takes any free port."
)
@click.option("--domain", metavar="NAME", default="sandbox", help="Name of the Daily domain.")
@click.option("--api-key", metavar="KEY", default=None, help="API key of the domain.  [default: random for each run]")
@click.option(
    "--allow-host",
    "allow_hosts",
    metavar="HOST",
    multiple=True,
    help="A host outside this machine that may be dialled and may receive webhooks; can be repeated.  [default: none]",
)
@click.option(
    "--capture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write SIP, RTP and RTCP of all calls to this pcapng file, for Wireshark.",
)
@click.option("--end-with", metavar="PID", type=int, hidden=True)
@click.option("-v", "--verbose", is_flag=True, help="Print every record of the timeline to stderr.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Run a fake Daily: REST API, signalling, webhooks, and telephony over real SIP on loopback.

    The first line on stdout is one JSON object with all addresses:

    \b
      {"ready": true, "api_url": "http://127.0.0.1:7880/v1", "api_key": "…",
       "sip": "sip:127.0.0.1:5060", "domain": "sandbox", "call_machine_url": "http://127.0.0.1:7880/static"}

    Set DAILY_API_URL and DAILY_API_KEY to api_url and api_key, bundlePathOverride of daily-js to call_machine_url, and
    let softphones call the SIP address. Tests in any language add phones and read events under /_sim, which
    /_sim/openapi.json describes. Ctrl-C or SIGTERM ends the server.

    To run one program against a server of its own: python -m fake_daily_server exec -- CMD.
    """  # noqa: D301  # \b, a backspace, tells click to keep the line breaks
    context.obj = ServerOptions(**options)
    if context.invoked_subcommand is None:
        with invalid_options_reported():
            asyncio.run(_serve(context.obj))


for command in (contract, exec_command, javascript):
    main.add_command(command)


async def _serve(options: ServerOptions) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    async with options.serving() as daily:
        ready = {
            "ready": True,
            "api_url": daily.api_url,
            "api_key": daily.api_key,
            "sip": daily.sip,
            "domain": daily.domain,
            "call_machine_url": call_machine_url(daily.api_url),
        }
        print(json.dumps(ready), flush=True)
        if options.end_with is not None:
            await _stop_with_process(options.end_with, stopping)
        await stopping.wait()


async def _stop_with_process(starter: int, stopping: asyncio.Event) -> None:
    """Set `stopping` when the process `starter`, which started this one, has ended; return when it is set."""
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


if __name__ == "__main__":
    main(prog_name="python -m fake_daily_server")
