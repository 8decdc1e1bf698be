"""`python -m benchmarks`: measures speed and size, and prints each figure with its target."""

from __future__ import annotations

import json
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks import machine
from benchmarks.catalogue import MEASUREMENTS, by_name
from benchmarks.fresh_process import Result, measure_in_fresh_process
from benchmarks.table import Table


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", metavar="NAME", multiple=True, help="Take only this measurement; can be repeated.")
@click.option("--list", "listed", is_flag=True, help="List the measurements and how they are taken, and exit.")
@click.option(
    "--json",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all figures to this file.",
)
@click.option("--quick", is_flag=True, help="Few repetitions, about a minute for all: for a first impression only.")
def main(only: tuple[str, ...], listed: bool, file: Path | None, quick: bool) -> None:
    """Measure speed and size on this machine, each measurement in a fresh process.

    The exit code is 0 even if targets are missed, which the table shows, and 1 if a measurement failed.
    """
    if listed:
        _list()
        return
    unknown = [name for name in only if name not in {measurement.name for measurement in MEASUREMENTS}]
    if unknown:
        known = ", ".join(measurement.name for measurement in MEASUREMENTS)
        raise click.BadParameter(f"{unknown[0]!r} is not a measurement; known: {known}", param_hint="--only")
    if file is not None and not file.parent.is_dir():
        raise click.BadParameter(f"{str(file.parent)!r} is not a folder; create it first", param_hint="--json")
    wanted = [by_name(name) for name in dict.fromkeys(only)] or list(MEASUREMENTS)
    began, about = datetime.now(UTC), machine.description()
    table = Table()
    table.head(about, load=machine.load(), quick=quick)
    results: list[Result] = []
    try:
        for measurement in wanted:
            table.begin(measurement.name)
            result = measure_in_fresh_process(measurement, quick=quick, progress=table.progress)
            table.end(result)
            results.append(result)
    except KeyboardInterrupt:
        click.echo("\ninterrupted", err=True)
        sys.exit(130)
    table.foot(results)
    if file is not None:
        run = {"at": began.isoformat(), "machine": about, "quick": quick}
        file.write_text(
            json.dumps({**run, "measurements": [result.as_dict() for result in results]}, indent=2, ensure_ascii=False)
            + "\n",
            encoding="utf-8",
        )
    sys.exit(1 if any(result.error for result in results) else 0)


def _list() -> None:
    for measurement in MEASUREMENTS:
        text = textwrap.dedent(f"    {measurement.load().__doc__ or ''}").strip()
        click.echo(measurement.name)
        click.echo(textwrap.indent(text, "    "))
        click.echo()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
