"""`python -m scenarios`: run, check and list scenario files."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from fake_daily_server.report.modes import MODES, RETAIN_ON_FAILURE
from fake_daily_server.server_options import given_settings, invalid_options_reported, with_settings_options
from fake_daily_server.settings import checked_settings
from scenarios.loading.problems import NoScenarios, Problem
from scenarios.loading.scenario_files import SUFFIXES, ScenarioFile, find_files, read_files
from scenarios.loading.tag_choice import UnknownTag, chosen_by_tags
from scenarios.mutants_command import mutants
from scenarios.parallel import default_jobs, run_in_parallel
from scenarios.reference import reference
from scenarios.reporting.console_report import ConsoleReport
from scenarios.reporting.output_files import OutputFiles
from scenarios.reporting.result_text import summary
from scenarios.reporting.style import Style
from scenarios.runner import run_all
from scenarios.schema import schema_text
from scenarios.starters import STARTERS, starter
from simulator.errors import ConfigurationError

FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130
"""Exit codes: a scenario failed; a file or an argument cannot be used; Ctrl-C."""

_PATHS = click.argument("paths", metavar="FILE-OR-FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
_WORD = click.option("-k", "word", metavar="WORD", help="Only files with WORD in their path or title, in any case.")

_TAGS = click.option(
    "-t", "tags", metavar="TAG", multiple=True, help="Only scenarios with one of these tags; -t 'not slow' leaves out."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="daily-telephony-simulator", prog_name="daily-telephony-simulator")
def main() -> None:
    """Telephony tests in YAML, run against a fake Daily over real SIP on this machine.

    \b
      daily-sim run tests/calls                     all files below a folder
      daily-sim run tests/calls -k busy             those with "busy" in their path or title
      daily-sim run busy.yaml --junit report.xml    for CI
      daily-sim check tests/calls                   look for mistakes, run nothing

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
@_TAGS
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option(
    "--client",
    metavar="COMMAND",
    help="Run this program as the client of each scenario, in the current folder, instead of the client in the file.",
)
@click.option(
    "--capture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write SIP, RTP and RTCP to a pcapng file for Wireshark, with a section for each scenario.",
)
@click.option(
    "--report",
    "mode",
    type=click.Choice(MODES),
    default=RETAIN_ON_FAILURE,
    help="Write a report of each scenario, with its messages as a ladder, to .daily-sim/reports.  "
    "[default: of those that failed]",
)
@click.option(
    "--summary",
    "markdown",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append a summary in Markdown, such as for $GITHUB_STEP_SUMMARY: the counts, and why which scenario failed.",
)
@click.option(
    "--coverage",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Print what of Daily's telephony the scenarios have met and what never, and write it to FILE as JSON; "
    "`daily-sim coverage FILE...` merges files.",
)
@with_settings_options
@click.option("-q", "--quiet", is_flag=True, help="Print only failures and the summary.")
@click.option("-x", "--stop", is_flag=True, help="Stop at the first failure.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Run N scenarios at a time; 1 prints each while it runs.  [default: three for each processor]",
)
@click.option(
    "--colour/--no-colour", default=None, help="Print with or without colours; the default is with, on a terminal."
)
def run(
    paths: tuple[Path, ...],
    word: str | None,
    tags: tuple[str, ...],
    junit: Path | None,
    client: str | None,
    capture: Path | None,
    mode: str,
    markdown: Path | None,
    coverage: Path | None,
    settings_file: Path | None,
    assignments: tuple[str, ...],
    quiet: bool,
    stop: bool,
    jobs: int | None,
    colour: bool | None,
) -> None:
    """Run scenario files, and all scenario files below folders.

    Prints a log of each: the clients' requests, SIP messages, actions of phones, digits and Daily's events. An event
    that a step expected is marked ✓, with the milliseconds since its cause. Exit code 0 if all scenarios pass, 1 if one
    fails, 2 if a file or an argument cannot be used. A file with mistakes does not keep the others from running.
    """
    files, problems = _read(paths, word, tags, client=client)
    settings = _settings(settings_file, assignments)
    colours = sys.stdout.isatty() if colour is None else colour
    if capture is not None:
        _create_empty(capture)
    try:
        with invalid_options_reported():
            passed = _run(
                files,
                problems,
                settings=settings,
                outputs=OutputFiles(mode, junit, markdown, coverage, capture),
                client=client,
                capture=capture,
                quiet=quiet,
                stop=stop,
                jobs=default_jobs(len(files)) if jobs is None else min(jobs, len(files)),
                colours=colours,
            )
    except KeyboardInterrupt:
        click.echo("interrupted; all calls were ended and the server was stopped", err=True)
        sys.exit(INTERRUPTED)
    _report(problems, f"{_mistakes(problems)}; the files that have them were not run")
    sys.exit(UNUSABLE if problems else 0 if passed else FAILED)


def _settings(file: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """Return the settings of `--settings` and `--set`; print the mistake and exit if there is one."""
    try:
        settings = given_settings(file, assignments)
        checked_settings(settings)
    except ConfigurationError as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(UNUSABLE)
    return settings


def _create_empty(capture: Path) -> None:
    """Create an empty capture file, in place of an old one; each scenario appends to it."""
    try:
        capture.write_bytes(b"")
    except OSError as error:
        click.echo(f"--capture {capture}: cannot be written: {error.strerror}", err=True)
        sys.exit(UNUSABLE)


def _run(
    files: Sequence[ScenarioFile],
    problems: Sequence[Problem],
    *,
    settings: dict[str, Any],
    outputs: OutputFiles,
    client: str | None,
    capture: Path | None,
    quiet: bool,
    stop: bool,
    jobs: int,
    colours: bool,
) -> bool:
    before = time.monotonic()
    if jobs == 1:
        report = ConsoleReport(sys.stdout, total=len(files), quiet=quiet, colours=colours)
        results = asyncio.run(run_all(files, report, settings=settings, stop_at_failure=stop, capture=capture))
    else:
        results = run_in_parallel(
            files,
            sys.stdout,
            jobs=jobs,
            settings=settings,
            quiet=quiet,
            colours=colours,
            stop_at_failure=stop,
            capture=capture,
            client=client,
        )
    outputs.write(results, problems)
    click.echo(summary(results, time.monotonic() - before, Style(colours=colours)))
    return all(result.passed for result in results)


@main.command()
@_PATHS
@_WORD
@_TAGS
def check(paths: tuple[Path, ...], word: str | None, tags: tuple[str, ...]) -> None:
    """Check scenario files for mistakes without running them.

    Prints one line for each mistake: file:line:column, the field, the value, and what is allowed. Exit code 0 if there
    is no mistake, else 2.
    """
    files, problems = _read(paths, word, tags)
    _report(problems, _mistakes(problems))
    valid = len({file.path for file in files})
    click.echo(f"{valid} {'file is' if valid == 1 else 'files are'} valid")
    sys.exit(UNUSABLE if problems else 0)


@main.command("list")
@_PATHS
@_WORD
@_TAGS
def list_(paths: tuple[Path, ...], word: str | None, tags: tuple[str, ...]) -> None:
    """List scenario files with their titles."""
    files, problems = _read(paths, word, tags)
    _report(problems, _mistakes(problems))
    names = [f"{file.path}" if file.case is None else f"{file.path}[{file.case}]" for file in files]
    width = max(map(len, names))
    for name, file in zip(names, files, strict=True):
        click.echo(f"{name:<{width}}  {file.scenario.title}")
    sys.exit(UNUSABLE if problems else 0)


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    click.echo(schema_text(), nl=False)


@main.command()
@click.argument("kind", type=click.Choice([*STARTERS]))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def new(kind: str, file: Path) -> None:
    """Write a commented scenario file to start from.

    \b
      daily-sim new dial-out calls/mine.yaml
      daily-sim new program calls/bot.scenario.yaml     # with your own program as the client
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    if file.suffix not in SUFFIXES:
        click.echo(f"{file}: the name of a scenario file ends in .yaml or .yml", err=True)
        sys.exit(UNUSABLE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as written:
            written.write(starter(kind, str(file)))
    except FileExistsError:
        click.echo(f"{file} exists already; choose another name", err=True)
        sys.exit(UNUSABLE)
    except OSError as error:
        click.echo(f"{file}: cannot be written: {error.strerror}", err=True)
        sys.exit(UNUSABLE)
    click.echo(f"{file} is written; daily-sim run {file}")


@main.command()
def docs() -> None:
    """Print all words of scenario files, in Markdown."""
    click.echo(reference(), nl=False)


def _read(
    paths: Sequence[Path], word: str | None, tags: Sequence[str], *, client: str | None = None
) -> tuple[list[ScenarioFile], list[Problem]]:
    """Read the scenarios at `paths` that match `word` and `tags`; return them, and the problems of invalid files.

    Without a valid one, print all problems and exit.
    """
    try:
        files, problems = read_files(find_files(paths), client=client)
    except NoScenarios as missing:
        click.echo(str(missing), err=True)
        sys.exit(UNUSABLE)
    try:
        tagged = chosen_by_tags(files, tags) if files else []
    except UnknownTag as unknown:
        click.echo(str(unknown), err=True)
        sys.exit(UNUSABLE)
    chosen = [file for file in tagged if word is None or file.matches(word)]
    problems = [problem for problem in problems if word is None or word.lower() in str(problem.file).lower()]
    if not chosen and problems:
        _report(problems, f"{_mistakes(problems)}; nothing was run")
        sys.exit(UNUSABLE)
    if not chosen:
        where = f"-k {word}: none of the {len(tagged)} files has it in its path or title"
        click.echo(where if tagged else "-t: all scenarios are left out", err=True)
        sys.exit(UNUSABLE)
    return chosen, problems


def _report(problems: Sequence[Problem], summary: str) -> None:
    for line in (*problems, summary) if problems else ():
        click.echo(str(line), err=True)


def _mistakes(problems: Sequence[Problem]) -> str:
    return f"{len(problems)} {'mistake' if len(problems) == 1 else 'mistakes'}"


main.add_command(mutants)

if __name__ == "__main__":
    main(prog_name="python -m scenarios")
