"""The command `javascript`: where the npm package with test helpers is, or a tarball of it for a repository."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import click

JAVASCRIPT_PACKAGE = Path(__file__).parent / "javascript"
_NO_PART_OF_IT = frozenset({"node_modules", "package-lock.json"})


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--pack", is_flag=True, help="Write a tarball to the current directory, and print its name.")
def javascript(*, pack: bool) -> None:
    """Print the folder of the npm package: test helpers, the Playwright route, the set-up for Vitest and Jest.

    \b
      npm install --save-dev "$(daily-sim javascript)"

    Then package.json names a folder of this virtual environment. For a package.json that others use too, commit a
    tarball; it is the same for each machine:

    \b
      npm install --save-dev "$(daily-sim javascript --pack)"
      git add daily-telephony-simulator-*.tgz package.json package-lock.json

    The package has no dependencies and does not need the network. It starts servers with the Python of the active
    virtual environment, of .venv in the current directory, or of DAILY_SIM_PYTHON.
    """  # noqa: D301 - click takes \b, a backspace, for: keep these lines
    if not pack:
        click.echo(JAVASCRIPT_PACKAGE)
        return
    name, content = tarball()
    try:
        Path(name).write_bytes(content)
    except OSError as failure:
        raise click.ClickException(f"{Path(name).absolute()} cannot be written: {failure.strerror}") from None
    click.echo(f"./{name}")


def tarball(folder: Path = JAVASCRIPT_PACKAGE) -> tuple[str, bytes]:
    """Return the name and the content of the package's tarball, as `npm pack` makes it; equal files, equal bytes."""
    package = json.loads((folder / "package.json").read_text("utf-8"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder)
            if _NO_PART_OF_IT.isdisjoint(name.parts):
                content = file.read_bytes()
                entry = tarfile.TarInfo(f"package/{name.as_posix()}")
                entry.size, entry.mode = len(content), 0o644
                archive.addfile(entry, io.BytesIO(content))
    return f"{package['name']}-{package['version']}.tgz", gzip.compress(packed.getvalue(), mtime=0)
