"""`python -m fake_daily_server`: a running Daily for any client on this machine."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

import click
from pydantic import ValidationError

from fake_daily_server.contract.command import contract
from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError


@click.group(
    invoke_without_command=True, context_settings={"show_default": True, "help_option_names": ["-h", "--help"]}
)
@click.option("--host", default="127.0.0.1", help="Loopback address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=7880, help="REST and signalling; 0 takes any free one.")
@click.option("--sip-port", type=click.IntRange(0, 65535), default=5060, help="SIP, UDP and TCP; 0 takes any free one.")
@click.option("--domain", metavar="NAME", default="sandbox", help="Name of the Daily domain.")
@click.option("--api-key", metavar="KEY", default=None, help="API key of the domain.  [default: random for each run]")
@click.option(
    "--allow-host",
    "allow_hosts",
    metavar="HOST",
    multiple=True,
    help="A SIP host outside this machine that may be dialled; can be repeated. None by default.",
)
@click.option(
    "--capture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write SIP, RTP and RTCP of all calls to a pcapng file, for Wireshark.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print everything that happens, on stderr.")
@click.pass_context
def main(
    context: click.Context,
    host: str,
    port: int,
    sip_port: int,
    domain: str,
    api_key: str | None,
    allow_hosts: tuple[str, ...],
    capture: Path | None,
    verbose: bool,
) -> None:
    """Serve a fake Daily: REST, signalling, webhooks, and telephony over real SIP on loopback.

    The first line on stdout is one JSON object that says where everything is:

    \b
      {"ready": true, "api_url": "http://127.0.0.1:7880/v1", "api_key": "…",
       "sip": "sip:127.0.0.1:5060", "domain": "sandbox"}

    Point DAILY_API_URL and DAILY_API_KEY at it, and a softphone at the SIP address. Tests in any language make
    phones and read events under /_sim (described in /_sim/openapi.json). Ctrl-C or SIGTERM ends it.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    if context.invoked_subcommand is not None:
        return
    chosen = {"api_key": api_key} if api_key is not None else {}
    try:
        settings = Settings(host=host, port=port, sip_port=sip_port, domain=domain, allow_hosts=allow_hosts, **chosen)
        asyncio.run(_serve(settings, verbose=verbose, capture=capture))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise click.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ConfigurationError as wrong:
        raise click.ClickException(str(wrong)) from None


main.add_command(contract)


async def _serve(settings: Settings, *, verbose: bool, capture: Path | None) -> None:
    from fake_daily_server.server import FakeDaily  # noqa: PLC0415 - `--help` and a wrong option answer at once

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stopping.set)
    async with FakeDaily(settings) as daily, daily.capture(capture) if capture else nullcontext():
        if verbose:
            daily.timeline.listen(lambda record: print(record, file=sys.stderr, flush=True))
        ready = {
            "ready": True,
            "api_url": daily.api_url,
            "api_key": daily.api_key,
            "sip": daily.sip,
            "domain": daily.domain,
        }
        print(json.dumps(ready), flush=True)
        await stopping.wait()


if __name__ == "__main__":
    main(prog_name="python -m fake_daily_server")
