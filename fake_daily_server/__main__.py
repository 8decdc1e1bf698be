"""`python -m fake_daily_server` runs a fake Daily for any client on this machine."""

from __future__ import annotations

import signal

_on_interrupt = signal.getsignal(signal.SIGINT)
if _on_interrupt is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports ends without a traceback

from typing import Any  # noqa: E402

import click  # noqa: E402

from fake_daily_server.clients.commands import exec_command  # noqa: E402
from fake_daily_server.clients.forward_command import forward  # noqa: E402
from fake_daily_server.clients.npm_package import javascript  # noqa: E402
from fake_daily_server.clients.numbers_command import numbers  # noqa: E402
from fake_daily_server.clients.trigger_command import trigger  # noqa: E402
from fake_daily_server.contract.command import contract  # noqa: E402
from fake_daily_server.coverage.command import coverage  # noqa: E402
from fake_daily_server.doctor.command import doctor  # noqa: E402
from fake_daily_server.serve import serve_until_stopped, with_sandbox_options  # noqa: E402
from fake_daily_server.server_options import ServerOptions, with_server_options  # noqa: E402

signal.signal(signal.SIGINT, _on_interrupt)


@click.group(
    invoke_without_command=True, context_settings={"show_default": True, "help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="daily-telephony-simulator", prog_name="daily-telephony-simulator")
@with_server_options
@with_sandbox_options
@click.pass_context
def main(context: click.Context, /, *, sandbox: bool, fresh: bool, **options: Any) -> None:
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
        serve_until_stopped(context.obj, sandbox=sandbox, fresh=fresh)


for command in (contract, coverage, doctor, exec_command, forward, javascript, numbers, trigger):
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="python -m fake_daily_server")
