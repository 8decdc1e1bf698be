"""`daily-sim mutants`: which faults of production would scenario files not notice?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.outcome import Outcome, outcome_lines, read_outcomes, survivors
from fake_daily_server.mutants.page import write_survivors
from fake_daily_server.mutants.plan import Candidate, candidates, excluded, needless_exclusions, read_exclusions
from fake_daily_server.server_options import given_settings, with_settings_options
from fake_daily_server.settings import checked_settings
from scenarios.loading.problems import NoScenarios
from scenarios.loading.scenario_files import ScenarioFile, find_files, read_files
from scenarios.mutants import Campaign, FirstRun
from simulator.errors import ConfigurationError
from simulator.kept_files import kept_files_folder

SURVIVED, UNUSABLE = 1, 2
"""Exit codes: a mutant that nobody noticed; a file, an argument or a failing scenario."""


@click.command("mutants")
@click.argument("paths", metavar="FILE-OR-FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-k", "word", metavar="WORD", help="Only files with WORD in their path or title, in any case.")
@click.option("--budget", type=float, metavar="SECONDS", help="How long to try.  [default: 3 times as long as a run]")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the order of equally telling mutants.")
@click.option(
    "--exclude",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A YAML file of mutants that are not tried, each with the reason; * stands for any text.",
)
@click.option(
    "--only", metavar="MUTANT", help="Only these, such as 'event-drop dialout-stopped'; * stands for any text."
)
@click.option("--resume", is_flag=True, help="Go on where an earlier run stopped.")
@click.option("-j", "--jobs", type=click.IntRange(1, 16), default=2, show_default=True, help="How many at a time.")
@with_settings_options
def mutants(
    paths: tuple[Path, ...],
    word: str | None,
    budget: float | None,
    seed: int,
    exclude: Path | None,
    only: str | None,
    resume: bool,
    jobs: int,
    settings_file: Path | None,
    assignments: tuple[str, ...],
) -> None:
    """Let things go wrong on purpose in scenarios, one at a time: would any of them notice?

    Runs the scenarios, then again those that met an event, with this event missing, and so on: a busy line, a lost
    digit, a webhook that is badly signed, a REST call that fails once. It stops at the first scenario that notices.

    \b
      daily-sim mutants examples/retrying_dialler/reaches.scenario.yaml
      daily-sim mutants tests/calls --budget 120 --exclude accepted.yaml

    Prints what nobody noticed. Exit code 0 if all were noticed, 1 if one was not, 2 if a file or an argument cannot be
    used, or a scenario fails by itself. What was not tried never counts as noticed.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    try:
        files = _files(paths, word)
        settings = given_settings(settings_file, assignments)
        checked_settings(settings)
        exclusions = {} if exclude is None else read_exclusions(exclude)
    except (ConfigurationError, NoScenarios, OSError) as unusable:
        click.echo(str(unusable), err=True)
        sys.exit(UNUSABLE)
    kept = kept_files_folder(".") / "story-mutants.jsonl"
    known = list(read_outcomes(kept)) if resume else []
    kept.write_text("".join(outcome.as_line() for outcome in known), encoding="utf-8")
    campaign = Campaign(files, min(jobs, len(files)), settings, _Progress(kept, len(known)), known)
    plan = partial(candidates, seed=seed, exclusions=exclusions, only=only)
    first, found, outcomes = asyncio.run(_run(campaign, plan, budget))
    if first.failed:
        names = ", ".join(first.failed)
        click.echo(f"no mutants were tried: all scenarios have to pass first; failed: {names}", err=True)
        sys.exit(UNUSABLE)
    for line in outcome_lines(found, outcomes, excluded(exclusions, first.mutants)):
        click.echo(line)
    for pattern in needless_exclusions(exclusions, first.mutants):
        click.echo(f"{exclude}: {pattern}: no scenario met such a mutant")
    if survivors(outcomes):
        click.echo(write_survivors(found, outcomes, kept_files_folder("reports")).absolute().as_uri())
    sys.exit(SURVIVED if survivors(outcomes) else 0)


class _Progress:
    """Prints each outcome, and keeps it for a later run."""

    def __init__(self, kept: Path, known: int) -> None:
        self._kept = kept
        self._count = known

    def __call__(self, outcome: Outcome, of: int) -> None:
        self._count += 1
        click.echo(f"{self._count} of {of}: {outcome.mutant}: {outcome.verdict} {outcome.by}".rstrip(), err=True)
        with self._kept.open("a", encoding="utf-8") as written:
            written.write(outcome.as_line())


async def _run(
    campaign: Campaign, plan: Callable[[Mapping[str, Iterable[Mutant]]], list[Candidate]], budget: float | None
) -> tuple[FirstRun, Sequence[Candidate], Sequence[Outcome]]:
    first = await campaign.first_run()
    if first.failed:
        return first, (), ()
    found = plan(first.mutants)
    return first, found, await campaign.try_all(first, found, budget)


def _files(paths: Sequence[Path], word: str | None) -> list[ScenarioFile]:
    """The scenarios to run. Raises NoScenarios, or ConfigurationError for files with mistakes."""
    files, problems = read_files(find_files(paths))
    if problems:
        raise ConfigurationError(str(problems[0].file), f"a scenario file with mistakes: {problems[0]}", "none of them")
    chosen = [file for file in files if word is None or file.matches(word)]
    if not chosen:
        raise ConfigurationError("-k", word, "a word in the path or title of one of the files")
    return chosen
