"""The command-line options of a server, and running a server with them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fake_daily_server.settings import Settings, checked_settings
from fake_daily_server.values.typed_texts import typed_texts
from simulator.errors import ConfigurationError, WorkerCrashed

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


_OWN_OPTIONS = ("host", "port", "sip_port", "domain", "api_key", "allow_hosts", "public_address")
"""The settings that have an option of their own."""


@dataclass(frozen=True)
class ServerOptions:
    """The command-line options of a server, as declared by `with_server_options`. None stands for the default."""

    host: str | None
    port: int | None
    sip_port: int | None
    domain: str | None
    api_key: str | None
    allow_hosts: tuple[str, ...]
    settings_file: Path | None
    assignments: tuple[str, ...]
    public_address: str | None
    capture: Path | None
    verbose: bool
    end_with: int | None = None
    free_ports: bool = False
    """Whether the ports are free ones by default."""

    @property
    def settings(self) -> Settings:
        """The settings of the server. Raises ConfigurationError for an invalid option, or an unusable settings file."""
        chosen = {name: value for name in _OWN_OPTIONS if (value := getattr(self, name)) not in (None, ())}
        ports = {"port": 0, "sip_port": 0} if self.free_ports else {}
        return checked_settings({**ports, **given_settings(self.settings_file, self.assignments), **chosen})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[FakeDaily]:
        """Run a server while the context is open.

        Raises UsageError for an invalid option, ConfigurationError for what is invalid on this machine, such as a port
        in use.
        """
        try:
            settings = self.settings
        except ConfigurationError as wrong:
            raise click.UsageError(_with_option_name(wrong)) from None
        from fake_daily_server.server import FakeDaily  # noqa: PLC0415  # not loaded for `--help`

        async with FakeDaily(settings) as daily, daily.capture(self.capture) if self.capture else nullcontext():
            if self.verbose:
                daily.timeline.listen(lambda record: print(record, file=sys.stderr, flush=True))  # noqa: T201
            yield daily


def given_settings(file: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """Return the settings in a YAML or JSON file and those assigned as NAME=VALUE, which precede the file's.

    Raises ConfigurationError if the file is unusable, and for an assignment without `=`.
    """
    texts: dict[str, Any] = {} if file is None else dict(_read_settings(file))
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigurationError("--set", assignment, "NAME=VALUE, such as ring_timeout=5")
        texts[name.strip()] = _yaml(value, f"--set {name}")
    return typed_texts(Settings, texts)


def _read_settings(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8"
        raise ConfigurationError("--settings", str(file), f"a file that can be read: {reason}") from None
    settings = _yaml(text, f"--settings {file}")
    if not isinstance(settings, dict):
        raise ConfigurationError("--settings", str(file), "a file with `name: value` lines, such as `ring_timeout: 5`")
    return settings


def _yaml(text: str, source: str) -> Any:
    """Parse YAML, with every scalar as text: `typed_texts` knows which type each setting has."""
    import yaml  # noqa: PLC0415  # not loaded for `--help`

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # it constructs texts, lists and mappings only
    except yaml.YAMLError as error:
        raise ConfigurationError(source, text, f"YAML: {' '.join(str(error).split())}") from None


def _default(name: str) -> str:
    return f"  [default: {Settings.model_fields[name].default}]"


_SETTINGS_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--settings",
        "settings_file",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A YAML or JSON file with settings, by name: docs/reference/settings.md.",
    ),
    click.option(
        "--set",
        "assignments",
        metavar="NAME=VALUE",
        multiple=True,
        help="A setting, such as ring_timeout=5 or 'dialin_codecs=[PCMU, G722]'; can be repeated.",
    ),
)
"""The options that choose any setting of a server."""

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--host", metavar="ADDRESS", help=f"Address of this machine to listen on.{_default('host')}"),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        help=f"TCP port of REST and signalling; 0 takes any free port.{_default('port')}",
    ),
    click.option(
        "--sip-port",
        type=click.IntRange(0, 65535),
        help=f"UDP and TCP port of SIP; 0 takes any free port.{_default('sip_port')}",
    ),
    click.option("--domain", metavar="NAME", help=f"Name of the Daily domain.{_default('domain')}"),
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
    *_SETTINGS_OPTIONS,
    click.option(
        "--public-address",
        metavar="NAME",
        default=None,
        help="Name or address by which others reach the server, in room URLs and SIP URIs; an IPv4 address in SIP "
        "messages and SDP, too.  [default: that of --host]",
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


SERVER_OPTION_NAMES = frozenset(ServerOptions.__dataclass_fields__) - {"free_ports"}


def with_server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a server to a click command, which receives them under the names of `ServerOptions`."""
    return _with(_OPTIONS, command)


def with_settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--settings` and `--set` to a click command, which receives them as `settings_file` and `assignments`."""
    return _with(_SETTINGS_OPTIONS, command)


def _with(options: Sequence[Callable[[Any], Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def invalid_options_reported() -> Iterator[None]:
    """Turn an error of `ServerOptions.serving` into a click error: the option, and the note if it has one."""
    try:
        yield
    except (ConfigurationError, WorkerCrashed) as wrong:
        text = _with_option_name(wrong) if isinstance(wrong, ConfigurationError) else str(wrong)
        raise click.ClickException("\n".join((text, *getattr(wrong, "__notes__", ())))) from None


def _with_option_name(wrong: ConfigurationError) -> str:
    if wrong.field not in _OWN_OPTIONS:
        return str(wrong)
    option = f"--{wrong.field.replace('_', '-').removesuffix('s')}"
    return str(wrong).replace(wrong.field, option, 1)
