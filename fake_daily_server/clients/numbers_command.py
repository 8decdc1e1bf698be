"""The command `numbers`: lists the test numbers and the personas that answer there."""

from __future__ import annotations

from pathlib import Path

import click

from fake_daily_server.values.validation import unknown_name
from simulator.errors import ConfigurationError


@click.command("numbers", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False)
@click.option(
    "--personas",
    "folders",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder with persona files of your own; can be repeated.",
)
def numbers(name: str | None, folders: tuple[Path, ...]) -> None:
    """List the test numbers: dial one, and its persona takes the call without any set-up.

    With NAME, the name of a test number or of a persona, print its steps and parameters.
    """
    from simulator.personas.catalogue import Personas  # noqa: PLC0415  # not loaded for `--help`
    from simulator.test_numbers import HOST, TABLE  # noqa: PLC0415

    try:
        personas = Personas(folders)
        found = next((each for each in TABLE if each.name == name), None)
        if name is None:
            for each in TABLE:
                click.echo(f"{each.number}  {each.uri:<42}  {each.about or personas.get(each.persona).file.about}")
            others = [each for each in personas.names if each not in {row.name for row in TABLE}]
            for persona in others:
                click.echo(f"{'':12}  {f'sip:{persona}@{HOST}':<42}  {personas.get(persona).file.about}")
            return
        if found is None and name not in personas.names:
            known = [*dict.fromkeys([*(each.name for each in TABLE), *personas.names])]
            raise click.UsageError(f"{unknown_name('name', name, known)}; --personas FOLDER adds your own")
        persona_name = found.persona if found else name
        click.echo(personas.get(persona_name).path.read_text(encoding="utf-8").rstrip())
    except ConfigurationError as wrong:
        raise click.ClickException(str(wrong)) from None
    if found is not None:
        chosen = ", ".join(f"{key}: {value}" for key, value in found.parameters.items())
        click.echo(f"# {found.number} and {found.uri}" + (f" with {chosen}" if chosen else ""))
