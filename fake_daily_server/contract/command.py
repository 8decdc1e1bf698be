"""`daily-sim contract` prints the sources of fields; `contract diff` compares recordings of the real Daily."""

from __future__ import annotations

import fnmatch
import json
import sys
from pathlib import Path
from typing import cast

import click

from fake_daily_server.contract.drift.compare import Severity
from fake_daily_server.contract.drift.drift import SEVERITIES, drift_of
from fake_daily_server.contract.field_rows import CONTRACTS, Format, formatted, rows
from fake_daily_server.recordings.recording import read_recording
from fake_daily_server.recordings.story import story_of
from simulator.errors import ConfigurationError

DIFFERS, UNUSABLE = 1, 2
"""Exit codes: the recording differs; it cannot be used."""
_RECORDING = click.argument("recording", type=click.Path(path_type=Path, dir_okay=False))


class _FieldsUnlessNamed(click.Group):
    """A group whose command is `fields` when the first argument names no other."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `fields` first, where no command is named."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["fields", *args]
        return super().parse_args(ctx, args)


@click.group("contract", cls=_FieldsUnlessNamed, context_settings={"help_option_names": ["-h", "--help"]})
def contract() -> None:
    """Where the fields of events, webhooks and REST bodies come from, and whether the real Daily still has them.

    \b
      daily-sim contract DialoutStopped               the fields of an event, and their sources
      daily-sim contract --confidence inferred        the fields that no page documents
      daily-sim contract diff recorded.jsonl          what differs in recorded events, webhooks and REST calls
      daily-sim contract record-to-story recorded.jsonl -o calls/recorded.yaml
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines


@contract.command("fields")
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
def fields(
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


@contract.command("diff")
@_RECORDING
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES[:3]),
    default="note",
    show_default=True,
    help="Exit with 1 if there is a difference that is at least so severe.",
)
def diff(recording: Path, as_json: bool, fail_on: str) -> None:
    """Compare recorded events, webhooks and REST calls of the real Daily with the contract.

    RECORDING has one JSON object a line: events as daily-js gives them ({"action": …}), webhooks as they were posted
    ({"type": …, "payload": …}), REST calls ({"method": "POST", "path": "/v1/rooms", "request": …, "status": 200,
    "answer": …}). They may be wrapped: {"at": …, "event": {…}}. HAR of a browser or a proxy is read, too.

    Severities: error, a field is missing or has another type; warning, a value, event or call is unknown; note, a field
    is new. What could not be compared is listed and never counts as equal. Values of secrets, numbers and names are
    not shown.
    """
    try:
        found = drift_of(read_recording(recording))
    except (ConfigurationError, OSError) as unusable:
        click.echo(str(unusable), err=True)
        sys.exit(UNUSABLE)
    if as_json:
        findings = [finding.as_dict() for finding in found.findings]
        click.echo(json.dumps({"compared": found.compared, "findings": findings}, indent=1))
    else:
        for finding in found.findings:
            click.echo(str(finding))
        counts = ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in found.compared.items())
        click.echo(f"compared: {counts or 'nothing'}")
    worst = found.worst()
    differs = worst is not None and SEVERITIES.index(worst) <= SEVERITIES.index(cast("Severity", fail_on))
    sys.exit(DIFFERS if differs or not found.compared else 0)


@contract.command("record-to-story")
@_RECORDING
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to a new file."
)
def record_to_story(recording: Path, output: Path | None) -> None:
    """Make a scenario file of recorded events or webhooks: the same calls, events in the same order.

    Phones do what the far ends did: they ring, answer, refuse, press digits and hang up. Numbers are replaced.

    \b
      daily-sim contract record-to-story recorded.jsonl -o recorded.yaml
      daily-sim run recorded.yaml
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    try:
        story = story_of(read_recording(recording), recording.name)
        if output is not None:
            with output.open("x", encoding="utf-8") as written:
                written.write(story)
    except FileExistsError:
        click.echo(f"{output} exists already; choose another name", err=True)
        sys.exit(UNUSABLE)
    except (ConfigurationError, OSError) as unusable:
        click.echo(str(unusable), err=True)
        sys.exit(UNUSABLE)
    click.echo(story if output is None else f"{output} is written; daily-sim run {output}")
