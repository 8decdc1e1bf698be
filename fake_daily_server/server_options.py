"""The command-line options of a server, and running a server with them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError, WorkerCrashed

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


@dataclass(frozen=True)
class ServerOptions:
    """The command-line options of a server, as declared by `with_server_options`."""

    host: str
    port: int
    sip_port: int
    domain: str
    api_key: str | None
    allow_hosts: tuple[str, ...]
    capture: Path | None
    verbose: bool
    end_with: int | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[FakeDaily]:
        """Run a server while the context is open. Raises ValidationError and ConfigurationError for invalid options."""
        chosen = {"api_key": self.api_key} if self.api_key is not None else {}
        settings = Settings(
            host=self.host,
            port=self.port,
            sip_port=self.sip_port,
            domain=self.domain,
            allow_hosts=self.allow_hosts,
            **chosen,
        )
        from fake_daily_server.server import FakeDaily  # noqa: PLC0415  # not loaded for `--help`

        async with FakeDaily(settings) as daily, daily.capture(self.capture) if self.capture else nullcontext():
            if self.verbose:
                daily.timeline.listen(lambda record: print(record, file=sys.stderr, flush=True))  # noqa: T201
            yield daily


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--host", default="127.0.0.1", help="Loopback address to listen on."),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=7880,
        help="TCP port of REST and signalling; 0 takes any free port.",
    ),
    click.option(
        "--sip-port",
        type=click.IntRange(0, 65535),
        default=5060,
        help="UDP and TCP port of SIP; 0 takes any free port.",
    ),
    click.option("--domain", metavar="NAME", default="sandbox", help="Name of the Daily domain."),
    click.option(
        "--api-key", metavar="KEY", default=None, help="API key of the domain.  [default: random for each run]"
    ),
    click.option(
        "--allow-host",
        "allow_hosts",
        metavar="HOST",
        multiple=True,
        help="A host outside this machine that may be dialled and may receive webhooks; can be repeated.  "
        "[default: none]",
    ),
    click.option(
        "--capture",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write SIP, RTP and RTCP of all calls to this pcapng file, for Wireshark.",
    ),
    click.option("--end-with", metavar="PID", type=int, hidden=True),
    click.option("-v", "--verbose", is_flag=True, help="Print every record of the timeline to stderr."),
)


SERVER_OPTION_NAMES = frozenset(ServerOptions.__dataclass_fields__)


def with_server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a server to a click command, which receives them under the names of `ServerOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def invalid_options_reported() -> Iterator[None]:
    """Turn an error of `ServerOptions.serving` into a click error: one line that names the option or the cause."""
    try:
        yield
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise click.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ConfigurationError, WorkerCrashed) as wrong:
        raise click.ClickException(str(wrong)) from None
