"""Starting a server with the options of the command line."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from fake_daily_server.settings import Settings
from simulator.errors import ConfigurationError

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


@dataclass(frozen=True)
class ServerOptions:
    """The options of `python -m fake_daily_server`."""

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
        """Run a server inside the context. Raises ValidationError and ConfigurationError for invalid options."""
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


@contextmanager
def invalid_options_reported() -> Iterator[None]:
    """Turn the errors of `serving` into an error of click: one line that names the option."""
    try:
        yield
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise click.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ConfigurationError as wrong:
        raise click.ClickException(str(wrong)) from None
