"""`python -m benchmarks.verdicts`: stories run again and again beside busy loops; fails when a verdict changes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import click

from benchmarks import machine
from benchmarks.fresh_process import ROOT, environment

_BUSY_LOOP = "while True: pass"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--verdicts", type=click.IntRange(min=1), default=200, help="At least so many, in whole rounds.")
@click.option("--hogs", type=click.IntRange(min=0), default=1, help="Number of busy loops beside the stories.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), default=2, help="Number of stories at a time.")
def main(paths: tuple[Path, ...], verdicts: int, hogs: int, jobs: int) -> None:
    """Run stories, by default all of scenarios/files, again and again beside busy loops.

    Each is to pass each time. Prints those that have failed, how often and why, and fails if there is one.
    """
    described = machine.description()
    click.echo(f"{described['cpu']}, {described['cores']} cores, {described['system']}, {described['python']}")
    failures: Counter[str] = Counter()
    done = rounds = 0
    with _busy_loops(hogs):
        while done < verdicts:
            before = time.monotonic()
            found = _round(paths or (ROOT / "scenarios" / "files",), jobs)
            done, rounds = done + len(found), rounds + 1
            failed = {name: reason for name, reason in found.items() if reason is not None}
            failures.update([*failed])
            load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
            click.echo(
                f"round {rounds}: {len(found)} stories in {time.monotonic() - before:.0f} s, {len(failed)} failed, "
                f"load average {load}"
            )
            for name, reason in failed.items():
                click.echo(f"\n{name}\n{reason}\n")
    for name, count in failures.most_common():
        click.echo(f"{name}: failed in {count} of {rounds} rounds")
    click.echo(f"{done} verdicts, {failures.total()} of them wrong")
    sys.exit(1 if failures else 0)


def _round(paths: tuple[Path, ...], jobs: int) -> dict[str, str | None]:
    """Run the stories once: by the name of each, why it has failed, None if it has passed."""
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "results.xml"
        command = [
            sys.executable,
            "-m",
            "scenarios",
            "run",
            *map(str, paths),
            "-q",
            "-j",
            str(jobs),
            "--junit",
            str(junit),
        ]
        completed = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)  # noqa: PLW1510
        if not junit.exists():
            raise click.ClickException(f"the stories could not be run:\n{completed.stdout}{completed.stderr}")
        cases = ET.parse(junit).getroot().iter("testcase")
        return {f"{case.get('classname')} {case.get('name')}": _reason(case) for case in cases}


def _reason(case: ET.Element) -> str | None:
    failure = next((each for each in case if each.tag in ("failure", "error")), None)
    return None if failure is None else (failure.text or failure.get("message") or "failed").strip()


@contextmanager
def _busy_loops(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", _BUSY_LOOP]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    main()
