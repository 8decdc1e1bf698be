"""`python -m benchmarks`: speed and size, with the target beside each figure."""

from __future__ import annotations

import json
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks import machine
from benchmarks.apart import Taken, take
from benchmarks.catalogue import MEASUREMENTS, named
from benchmarks.table import Table


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", metavar="NAME", multiple=True, help="Only this measurement; can be repeated.")
@click.option("--list", "listed", is_flag=True, help="Say what there is and how it is measured, and measure nothing.")
@click.option(
    "--json", "file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write all of it."
)
@click.option("--quick", is_flag=True, help="Few repetitions: about a minute for all. For a look, not for a record.")
def main(only: tuple[str, ...], listed: bool, file: Path | None, quick: bool) -> None:
    """Measure speed and size on this machine, each measurement in a fresh process.

    The exit code is 0 also when targets are missed (the table says so), and 1 when a measurement could not be taken.
    """
    if listed:
        _list()
        return
    unknown = [name for name in only if name not in {measurement.name for measurement in MEASUREMENTS}]
    if unknown:
        known = ", ".join(measurement.name for measurement in MEASUREMENTS)
        raise click.BadParameter(f"{unknown[0]!r} is no measurement; there are: {known}", param_hint="--only")
    if file is not None and not file.parent.is_dir():
        raise click.BadParameter(f"{str(file.parent)!r} is no folder", param_hint="--json")
    wanted = [named(name) for name in dict.fromkeys(only)] or list(MEASUREMENTS)
    began, about = datetime.now(UTC), machine.described()
    table = Table()
    table.head(about, load=machine.load(), quick=quick)
    all_taken: list[Taken] = []
    try:
        for measurement in wanted:
            table.begin(measurement.name)
            taken = take(measurement, quick=quick, progress=table.progress)
            table.end(taken)
            all_taken.append(taken)
    except KeyboardInterrupt:
        click.echo("\ninterrupted", err=True)
        sys.exit(130)
    table.foot(all_taken)
    if file is not None:
        result = {"at": began.isoformat(), "machine": about, "quick": quick}
        file.write_text(
            json.dumps(
                {**result, "measurements": [taken.as_dict() for taken in all_taken]}, indent=2, ensure_ascii=False
            )
            + "\n",
            encoding="utf-8",
        )
    sys.exit(1 if any(taken.error for taken in all_taken) else 0)


def _list() -> None:
    for measurement in MEASUREMENTS:
        text = textwrap.dedent(f"    {measurement.load().__doc__ or ''}").strip()
        click.echo(measurement.name)
        click.echo(textwrap.indent(text, "    "))
        click.echo()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
