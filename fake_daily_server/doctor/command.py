"""The command `doctor`."""

from __future__ import annotations

from itertools import chain

import click

from fake_daily_server.doctor.finding import server_can_start
from fake_daily_server.doctor.peer_checks import peer_findings
from fake_daily_server.doctor.server_checks import server_findings
from fake_daily_server.settings import Settings

_DEFAULTS = Settings.model_fields
_PORT = click.IntRange(0, 65535)


@click.command(context_settings={"show_default": True, "help_option_names": ["-h", "--help"]})
@click.option("--host", default=_DEFAULTS["host"].default, help="Address of the server's ports.")
@click.option("--port", type=_PORT, default=_DEFAULTS["port"].default, help="Port of REST and signalling.")
@click.option("--sip-port", type=_PORT, default=_DEFAULTS["sip_port"].default, help="Port of SIP.")
def doctor(host: str, port: int, sip_port: int) -> None:
    """Examine this machine: can a server start, and what is here for tests of bots and web pages?

    Prints one line for each thing. Exit code 1 if one of them FAILS, so that no server can start with these options;
    what is `absent` or `limited` concerns only some tests. Nothing is changed.
    """
    found = []
    for finding in chain(server_findings(host, port, sip_port), peer_findings()):
        click.echo(str(finding))
        found.append(finding)
    if not server_can_start(found):
        raise click.exceptions.Exit(1)
