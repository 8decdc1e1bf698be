"""Resolve the dependencies of pyproject.toml into locks with hashes: `lock.py LOCK PEERS_LOCK [pip-compile options]`.

LOCK holds the run-time dependencies and the group `dev`. PEERS_LOCK holds what the group `peers`, the real clients of
the interop tests, needs beyond that: one resolution, written in two parts, so that the larger can be installed first.
Versions that stand there already stay while they fit; `--upgrade` takes the newest of all.

Asks Python's public index alone, whatever indexes this machine has, so that the hashes are the public ones. Run under
the oldest Python supported: what it resolves to has wheels for the newer one too, but not the other way round.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

PIP_TOOLS = "pip-tools==7.6.2"
HEADER = "# Written by `make lock`; do not edit.\n"
OLDEST = (3, 11)
PLACES = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"}


def lock(target: Path, peers: Path, options: list[str]) -> str | None:
    """Write both locks; returns what went wrong."""
    if sys.version_info[:2] != OLDEST:
        return "resolve under Python 3.11, the oldest supported: make clean; make lock PYTHON=python3.11"
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        together, development = Path(folder, "together.txt"), Path(folder, "development.txt")
        shutil.copy(target, together)
        with together.open("a") as known:
            known.write(peers.read_text())
        done = (
            run([Path(folder, "bin", "python"), "-m", "pip", "install", "--quiet", PIP_TOOLS])
            and resolve(folder, ("dev", "peers"), together, options)
            and resolve(folder, ("dev",), development, [f"--constraint={together}"])
        )
        if not done:
            return "the resolver failed; its words are above"
        in_both, everything = pins(development.read_text()), pins(together.read_text())
    target.write_text(HEADER + "".join(in_both.values()))
    peers.write_text(HEADER + "".join(pin for name, pin in everything.items() if name not in in_both))
    return None


def resolve(folder: str, groups: Sequence[str], output: Path, options: Sequence[str]) -> bool:
    """Resolve the run-time dependencies and these groups into `output`."""
    pyproject = tomllib.loads(Path("pyproject.toml").read_text())
    wanted = [*pyproject["project"]["dependencies"]]
    for group in groups:
        wanted += pyproject["dependency-groups"][group]
    source = Path(folder, "wanted.in")
    source.write_text("\n".join(wanted))
    return run(
        [
            *(Path(folder, "bin", "pip-compile"), "--quiet", "--no-config", "--generate-hashes", "--allow-unsafe"),
            *("--strip-extras", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *("--no-emit-options", "--no-emit-trusted-host", *options, f"--output-file={output}", str(source)),
        ]
    )


def run(step: Sequence[str | Path]) -> bool:
    """Run a tool without this machine's own indexes; whether it succeeded."""
    environment = {name: value for name, value in os.environ.items() if name not in PLACES}
    return subprocess.run(step, env={**environment, "PIP_CONFIG_FILE": os.devnull}, check=False).returncode == 0


def pins(lock: str) -> dict[str, str]:
    """The lines of each pinned package, hashes included, by its name."""
    blocks = re.findall(r"^[\w.-]+==.*\n(?:[ \t]+--hash.*\n)*", lock, flags=re.MULTILINE)
    return {block.partition("==")[0]: block for block in blocks}


if __name__ == "__main__":
    print("lock: resolving (a minute or two)", file=sys.stderr, flush=True)
    went_wrong = lock(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    sys.exit(f"lock: {went_wrong}" if went_wrong else 0)
