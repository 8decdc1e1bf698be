"""`python -m fake_daily_server exec`: runs a program that is connected to a fake Daily."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import click
from click.core import ParameterSource

from fake_daily_server.clients.environment import Pacing, program_environment
from fake_daily_server.clients.program import CannotStart, run_program
from fake_daily_server.server_options import (
    SERVER_OPTION_NAMES,
    ServerOptions,
    invalid_options_reported,
    with_server_options,
)

if TYPE_CHECKING:
    from fake_daily_server.clients.room import Room

_PROPERTIES = {"enable_dialout": True, "sip": {"sip_mode": "dial-in", "display_name": "SIP caller"}}


@dataclass(frozen=True)
class Address:
    """The addresses and the API key of a fake Daily. `sip` is None for a server that was already running."""

    api_url: str
    api_key: str
    sip: str | None = None


@click.command(
    "exec",
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"], "allow_interspersed_args": False},
)
@click.option("--server", metavar="URL", help="A fake Daily that runs already, such as http://127.0.0.1:7880.")
@click.option(
    "--api-key", metavar="KEY", envvar="DAILY_API_KEY", help="Its API key; with --server only.", show_envvar=True
)
@click.option(
    "--room", "name", metavar="NAME", help="Name of the room; an existing one is used.  [default: a new room]"
)
@click.option(
    "--properties",
    metavar="JSON",
    default=json.dumps(_PROPERTIES),
    help="Daily's room properties for a room that is created.",
)
@click.option("--no-room", is_flag=True, help="Create no room, for programs that create their own.")
@click.option(
    "--pacing",
    type=click.Choice(get_args(Pacing)),
    help="Audio writes of Python clients last as long as the audio, or complete at once.  [default: real-time]",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not print the addresses on stderr.")
@click.argument("command", metavar="-- CMD [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def exec_command(
    context: click.Context,
    *,
    server: str | None,
    api_key: str | None,
    name: str | None,
    properties: str,
    no_room: bool,
    pacing: Pacing | None,
    quiet: bool,
    command: tuple[str, ...],
) -> None:
    """Run any program, unchanged, against a fake Daily.

    \b
      daily-sim exec -- python bot.py
      daily-sim exec --room lobby -- node app.js
      daily-sim exec --capture call.pcapng -- pytest tests
      daily-sim exec --server http://127.0.0.1:7880 --api-key KEY -- python bot.py

    Starts a server on free ports, or uses that of --server, creates a room in it, then runs CMD in this terminal. The
    exit status is that of CMD; 127 if CMD does not exist, 126 if CMD cannot be executed, and 128 plus the signal's
    number if a signal ended CMD.

    `python -m fake_daily_server exec` does the same; there the options of a fresh server, such as --capture, precede
    exec.

    \b
    CMD finds in its environment:
      DAILY_API_URL, DAILY_API_KEY      the REST API
      DAILY_ROOM_URL, DAILY_ROOM_TOKEN  the room, and an owner's meeting token for it
      DAILY_CALL_MACHINE_URL            for daily-js: dailyConfig.bundlePathOverride
      PYTHONPATH                        begins with the stand-in for daily-python, so that `import daily` finds it;
                                        Pipecat then uses DAILY_API_URL by default

    In a Python program that imports daily, as every Pipecat bot does, .env files do not change these variables. In
    other Python programs, PYTHON_DOTENV_DISABLED=1 turns python-dotenv off. Node's dotenv never changes variables that
    are set.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    room = None if no_room else (name, _json_object(properties))
    options, given = _server_options(context)
    if server is None:
        addresses: AbstractAsyncContextManager[Address] = _fresh_server(options)
    elif api_key is None:
        raise click.UsageError("--server needs --api-key, or DAILY_API_KEY: the key that the server was started with")
    elif given:
        raise click.UsageError(f"{given[0]} is for a fresh server, and --server names one that runs already; omit one")
    else:
        addresses = nullcontext(Address(_api_url(server), api_key))
    with invalid_options_reported():
        context.exit(asyncio.run(_run(addresses, room, command, pacing=pacing, quiet=quiet)))


async def _run(
    server: AbstractAsyncContextManager[Address],
    wanted: tuple[str | None, dict[str, Any]] | None,
    command: Sequence[str],
    *,
    pacing: Pacing | None,
    quiet: bool,
) -> int:
    from fake_daily_server.clients.room import (  # noqa: PLC0415 - `--help` answers at once
        RoomUnavailable,
        check_running,
        find_or_create_room,
    )

    async with server as address:
        try:
            await check_running(address.api_url)
            room = await find_or_create_room(address.api_url, address.api_key, *wanted) if wanted else None
        except RoomUnavailable as refused:
            raise click.ClickException(str(refused)) from None
        if not quiet:
            _print_addresses(address, room)
        environment = program_environment(
            api_url=address.api_url,
            api_key=address.api_key,
            room_url=room.url if room else None,
            room_token=room.token if room else None,
            pacing=pacing,
        )
        try:
            return await run_program(command, environment)
        except CannotStart as failure:
            click.echo(f"Error: {failure}", err=True)
            return failure.status


def _print_addresses(address: Address, room: Room | None) -> None:
    sip = f"   {address.sip}" if address.sip else ""
    click.echo(f"fake Daily  {address.api_url}   key {address.api_key}{sip}", err=True)
    if room:
        click.echo(f"room        {'   '.join((room.url, *room.sip_uris))}", err=True)


@asynccontextmanager
async def _fresh_server(options: ServerOptions) -> AsyncIterator[Address]:
    async with options.serving() as daily:
        yield Address(daily.api_url, daily.api_key, daily.sip)


def _server_options(context: click.Context) -> tuple[ServerOptions, list[str]]:
    """Return the options of a fresh server, with free ports by default, and the names of the options that were given.

    The options precede `exec` (`python -m fake_daily_server`) or are options of `exec` itself (`daily-sim exec`).
    """
    parent = context.parent
    assert parent is not None, "exec needs a command with the options of a server around it"  # noqa: S101
    own = set() if isinstance(parent.command, click.Group) else {option.name for option in exec_command.params}
    given = [
        option.opts[-1]
        for option in parent.command.params
        if option.name in SERVER_OPTION_NAMES - own
        and parent.get_parameter_source(option.name) is not ParameterSource.DEFAULT
    ]
    options: ServerOptions = parent.obj
    return replace(options, free_ports=True), given


def _api_url(server: str) -> str:
    """Return the API URL for a value of `--server` with or without /v1."""
    if not server.startswith(("http://", "https://")):
        raise click.BadParameter(
            f"{server!r} is not usable; allowed: a URL such as http://127.0.0.1:7880", param_hint="--server"
        )
    return f"{server.rstrip('/').removesuffix('/v1')}/v1"


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise click.BadParameter(f"{text!r} is not JSON: {wrong}", param_hint="--properties") from None
    if not isinstance(value, dict):
        raise click.BadParameter(
            f'{text!r} is not a JSON object, such as {{"enable_dialout": true}}', param_hint="--properties"
        )
    return value


def exec_with_server_options() -> click.Command:
    """Return `exec` as a command that has the options of a fresh server, too; that server's API key is random."""

    @with_server_options
    @click.pass_context
    def run(context: click.Context, /, **values: Any) -> None:
        chosen = {name: values.pop(name) for name in SERVER_OPTION_NAMES - {"api_key"}}
        context.obj = ServerOptions(**chosen, api_key=None)
        context.invoke(exec_command, **values)

    names = {option.name for option in exec_command.params}
    options = [option for option in click.command(run).params if option.name not in names]
    return click.Command(
        "exec",
        context_settings=exec_command.context_settings,
        params=[*exec_command.params, *options],
        callback=run,
        help=exec_command.help,
    )
