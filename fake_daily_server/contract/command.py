"""`python -m fake_daily_server contract`: which page states each field, and what was decided where none does."""

from __future__ import annotations

import fnmatch
from typing import cast

import click

from fake_daily_server.contract.table import CONTRACTS, Format, rows, shown


@click.command("contract", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--of", "contracts", type=click.Choice(CONTRACTS), multiple=True, help="One contract; can be repeated.")
@click.option(
    "--confidence",
    type=click.Choice(("documented", "library", "inferred", "chosen")),
    multiple=True,
    help="How well a field is known; can be repeated.",
)
@click.option("--decided", is_flag=True, help="Only fields about which something was decided.")
@click.option("--format", "form", type=click.Choice(("text", "markdown", "json")), default="text", show_default=True)
def contract(
    names: tuple[str, ...],
    contracts: tuple[str, ...],
    confidence: tuple[str, ...],
    decided: bool,
    form: str,
) -> None:
    """Print every field of the contract with the page that states it.

    NAME chooses objects and fields, with * for any text: DialoutConnected, *.callerId.
    """
    found = [
        row
        for row in rows(contracts or CONTRACTS)
        if (not confidence or row.confidence in confidence)
        and (row.decided or not decided)
        and (not names or any(_is(name, row.object, row.field) for name in names))
    ]
    if not found:
        raise click.ClickException("no field of the contract is like that")
    click.echo(shown(found, cast("Format", form)))


def _is(name: str, object_: str, field: str) -> bool:
    return fnmatch.fnmatchcase(object_, name) or fnmatch.fnmatchcase(f"{object_}.{field}", name)
