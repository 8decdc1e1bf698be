"""`python -m scenarios`: run, check and list scenario files."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from fake_daily_server.server_options import invalid_options_reported
from scenarios.loading.problems import InvalidScenarios, NoScenarios
from scenarios.loading.scenario_files import ScenarioFile, find_files, read_files
from scenarios.reporting.console_report import ConsoleReport
from scenarios.reporting.junit import write_junit
from scenarios.reporting.result_text import summary
from scenarios.reporting.style import Style
from scenarios.runner import run_all
from scenarios.schema import schema_text

FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130
"""Exit codes: a scenario failed; a file or an argument cannot be used; Ctrl-C."""

_PATHS = click.argument("paths", metavar="FILE-OR-FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
_WORD = click.option("-k", "word", metavar="WORD", help="Only files with WORD in their path or title, in any case.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Telephony tests in YAML, run against a fake Daily over real SIP on this machine.

    \b
      python -m scenarios run scenarios                       all of them
      python -m scenarios run scenarios/dtmf -k info          some of them
      python -m scenarios run busy.yaml --junit report.xml    for CI
      python -m scenarios check scenarios                     look for mistakes, run nothing

    A scenario is a room, phones and steps; docs/scenarios.md teaches the language by example:

    \b
      title: A phone is dialled and answers
      room: {enable_dialout: true}
      phones:
        desk: {number: "+12065550142"}
      steps:
        - client: startDialOut
          with: {phoneNumber: "+12065550142"}
        - expect: [dialout-connected, dialout-answered]
        - phone: desk
          do: hangup
        - expect: dialout-stopped
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
@_PATHS
@_WORD
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option(
    "--capture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write SIP, RTP and RTCP to a pcapng file for Wireshark, with a section for each scenario.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only failures and the summary.")
@click.option("-x", "--stop", is_flag=True, help="Stop at the first failure.")
@click.option(
    "--colour/--no-colour", default=None, help="Print with or without colours; the default is with, on a terminal."
)
def run(
    paths: tuple[Path, ...],
    word: str | None,
    junit: Path | None,
    capture: Path | None,
    quiet: bool,
    stop: bool,
    colour: bool | None,
) -> None:
    """Run scenario files, and all scenario files below folders.

    Prints a live log: the clients' requests, SIP messages, actions of phones, digits and Daily's events. An event that
    a step expected is marked ✓, with the milliseconds since its cause. Exit code 0 if all scenarios pass, 1 if one
    fails, 2 if a file or an argument cannot be used.
    """
    files = _read(paths, word)
    colours = sys.stdout.isatty() if colour is None else colour
    if capture is not None:
        _create_empty(capture)
    try:
        with invalid_options_reported():
            passed = asyncio.run(_run(files, junit=junit, capture=capture, quiet=quiet, stop=stop, colours=colours))
    except KeyboardInterrupt:
        click.echo("interrupted; all calls were ended and the server was stopped", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(0 if passed else FAILED)


def _create_empty(capture: Path) -> None:
    """Create an empty capture file, in place of an old one; each scenario appends to it."""
    try:
        capture.write_bytes(b"")
    except OSError as error:
        click.echo(f"--capture {capture}: cannot be written: {error.strerror}", err=True)
        sys.exit(UNUSABLE)


async def _run(
    files: Sequence[ScenarioFile],
    *,
    junit: Path | None,
    capture: Path | None,
    quiet: bool,
    stop: bool,
    colours: bool,
) -> bool:
    report = ConsoleReport(sys.stdout, total=len(files), quiet=quiet, colours=colours)
    before = time.monotonic()
    results = await run_all(files, report, stop_at_failure=stop, capture=capture)
    if junit is not None:
        try:
            write_junit(results, junit)
        except OSError as error:
            click.echo(f"--junit {junit}: cannot be written: {error.strerror}", err=True)
            sys.exit(UNUSABLE)
    click.echo(summary(results, time.monotonic() - before, Style(colours=colours)))
    return all(result.passed for result in results)


@main.command()
@_PATHS
@_WORD
def check(paths: tuple[Path, ...], word: str | None) -> None:
    """Check scenario files for mistakes without running them.

    Prints one line for each mistake: file:line:column, the field, the value, and what is allowed. Exit code 0 if there
    is no mistake, else 2.
    """
    files = _read(paths, word)
    click.echo(f"{len(files)} {'file is' if len(files) == 1 else 'files are'} valid")


@main.command("list")
@_PATHS
@_WORD
def list_(paths: tuple[Path, ...], word: str | None) -> None:
    """List scenario files with their titles."""
    files = _read(paths, word)
    width = max(len(str(file.path)) for file in files)
    for file in files:
        click.echo(f"{file.path!s:<{width}}  {file.scenario.title}")


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    click.echo(schema_text(), nl=False)


def _read(paths: Sequence[Path], word: str | None) -> list[ScenarioFile]:
    """Read the scenario files at `paths` that match `word`; print all problems and exit if there are any."""
    try:
        files = read_files(find_files(paths))
    except InvalidScenarios as invalid:
        click.echo(str(invalid), err=True)
        count = len(invalid.problems)
        click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was run", err=True)
        sys.exit(UNUSABLE)
    except NoScenarios as missing:
        click.echo(str(missing), err=True)
        sys.exit(UNUSABLE)
    chosen = [file for file in files if word is None or file.matches(word)]
    if not chosen:
        click.echo(f"-k {word}: none of the {len(files)} files has it in its path or title", err=True)
        sys.exit(UNUSABLE)
    return chosen


if __name__ == "__main__":
    main(prog_name="python -m scenarios")
