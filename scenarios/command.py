"""The command `daily-sim`, with all subcommands of the distribution."""

from __future__ import annotations

from importlib.metadata import version

import click

from fake_daily_server.clients.commands import exec_with_server_options
from fake_daily_server.clients.forward_command import forward
from fake_daily_server.clients.npm_package import javascript
from fake_daily_server.clients.numbers_command import numbers
from fake_daily_server.clients.trigger_command import trigger
from fake_daily_server.contract.command import contract
from fake_daily_server.coverage.command import coverage
from fake_daily_server.doctor.command import doctor
from fake_daily_server.serve import serve
from scenarios.__main__ import check, docs, list_, new, run, schema
from scenarios.mutants_command import mutants


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("daily-telephony-simulator"), "--version", prog_name="daily-sim")
def main() -> None:
    """Test phone bots and telephony apps against a local telephone network and a local Daily.

    \b
      daily-sim serve                          run a server for any client on this machine
      daily-sim exec -- python bot.py          run one program against a server of its own
      daily-sim run tests/calls                run scenario files
      daily-sim numbers                        numbers that answer, ring, refuse, … without any set-up
      daily-sim trigger dialout.answered       send an event that did not happen
      daily-sim forward --to URL               subscribe your server to webhooks, and print each delivery
      daily-sim check tests/calls              look for mistakes in scenario files
      daily-sim new program calls/bot.yaml     a scenario file to start from
      daily-sim contract DialoutStopped        where each field of the events comes from
      daily-sim mutants tests/calls            what would these scenario files not notice?
      daily-sim coverage *.json                what of Daily's telephony test runs have met
      daily-sim contract diff recorded.jsonl   what the real Daily does otherwise
      npm install -D "$(daily-sim javascript --pack)"
                                               the npm package with test helpers
      daily-sim doctor                         what this machine lacks, if a server does not start
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines


_OF_SERVERS = (serve, exec_with_server_options(), contract, coverage, javascript, doctor, numbers, trigger, forward)
_OF_SCENARIOS = (run, check, list_, mutants, new, docs, schema)

for command in (*_OF_SERVERS, *_OF_SCENARIOS):
    main.add_command(command)
