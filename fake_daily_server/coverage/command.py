"""`daily-sim coverage` merges coverage files, prints what they cover together, and judges it."""

from __future__ import annotations

import sys
from functools import reduce
from operator import or_
from pathlib import Path

import click

from fake_daily_server.coverage.coverage import Coverage, read_coverage, write_coverage
from fake_daily_server.coverage.reasons import needless, read_reasons, unexplained
from fake_daily_server.coverage.text import coverage_text
from simulator.errors import ConfigurationError

FAILED, UNUSABLE = 1, 2
"""Exit codes: too little is covered, or not explained; a file cannot be used."""


@click.command("coverage", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-q", "--quiet", is_flag=True, help="Print only what --fail-under and --explained find wrong.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="N", help="Exit with 1 below N per cent.")
@click.option(
    "--explained",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A YAML file that says why points are not met: sections, in them names (* stands for any text) with their "
    "reasons. Exit with 1 if a missing point has no reason, or a reason is needless.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the coverage of all files together to this one.",
)
def coverage(
    files: tuple[Path, ...], quiet: bool, fail_under: float | None, explained: Path | None, output: Path | None
) -> None:
    """Print what of Daily's telephony test runs have met, together, and what never.

    FILE is a coverage file of a run, which other machines may have made:

    \b
      pytest --daily-coverage --daily-coverage-file unit.json
      daily-sim run tests/calls --coverage stories.json
      daily-sim coverage unit.json stories.json --fail-under 60
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    try:
        together: Coverage = reduce(or_, map(read_coverage, files))
        reasons = () if explained is None else read_reasons(explained)
        if output is not None:
            write_coverage(together, output)
    except (ConfigurationError, OSError) as unusable:
        click.echo(str(unusable), err=True)
        sys.exit(UNUSABLE)
    if not quiet:
        click.echo(coverage_text(together))
    wrong = [] if fail_under is None else too_little(together, fail_under)
    if explained is not None:
        wrong += [f"never met and not explained: {point}" for point in unexplained(together, reasons)]
        wrong += [f"{explained}: {line}" for line in needless(together, reasons)]
    for line in wrong:
        click.echo(line, err=True)
    sys.exit(FAILED if wrong else 0)


def too_little(coverage: Coverage, wanted: float) -> list[str]:
    """The line that says that less than `wanted` per cent is covered; none if it is enough."""
    if coverage.percent >= wanted:
        return []
    return [f"{coverage.percent:.1f} % of Daily's telephony was met, which is less than the wanted {wanted:g} %"]
