"""`python -m fake_daily_server contract` prints the source of each field, and what was decided for lack of a source."""

from __future__ import annotations

import fnmatch
from typing import cast

import click

from fake_daily_server.contract.field_rows import CONTRACTS, Format, formatted, rows


@click.command("contract", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--of", "contracts", type=click.Choice(CONTRACTS), multiple=True, help="Print only this contract; can be repeated."
)
@click.option(
    "--confidence",
    type=click.Choice(("documented", "library", "inferred", "chosen")),
    multiple=True,
    help="Print only fields that are known this well; can be repeated.",
)
@click.option("--decided", is_flag=True, help="Print only fields with a decision of this project.")
@click.option(
    "--format",
    "output",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    show_default=True,
    help="Format of the output.",
)
def contract(
    names: tuple[str, ...],
    contracts: tuple[str, ...],
    confidence: tuple[str, ...],
    decided: bool,
    output: str,
) -> None:
    """List the fields of the contract and their sources.

    NAME selects objects and fields; * stands for any text: DialoutConnected, *.callerId.
    """
    found = [
        row
        for row in rows(contracts or CONTRACTS)
        if (not confidence or row.confidence in confidence)
        and (row.decided or not decided)
        and (not names or any(_matches(name, row.object, row.field) for name in names))
    ]
    if not found:
        raise click.ClickException("no field of the contract matches these names and options")
    click.echo(formatted(found, cast("Format", output)))


def _matches(name: str, object_: str, field: str) -> bool:
    return fnmatch.fnmatchcase(object_, name) or fnmatch.fnmatchcase(f"{object_}.{field}", name)
