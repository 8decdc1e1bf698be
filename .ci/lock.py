"""Resolve the dependencies of pyproject.toml into locks with hashes: `lock.py LOCK PEERS_LOCK [pip-compile options]`.

PEERS_LOCK holds the real clients of the interop tests and everything else; LOCK is that without them, version for
version, so that it can be installed first. Versions that stand there already stay while they fit; `--upgrade` takes
the newest of all.

Asks Python's public index alone, whatever indexes this machine has, so that the hashes are the public ones. Run under
the oldest Python supported: what it resolves to has wheels for the newer one too, but not the other way round.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PIP_TOOLS = "pip-tools==7.6.2"
OLDEST = (3, 11)
PLACES = {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"}


def lock(target: Path, peers: Path, options: list[str]) -> str | None:
    """Write both; returns what went wrong."""
    if sys.version_info[:2] != OLDEST:
        return "resolve under Python 3.11, the oldest supported: make clean; make lock PYTHON=python3.11"
    environment = {name: value for name, value in os.environ.items() if name not in PLACES}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "CUSTOM_COMPILE_COMMAND": "make lock"}
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        tools = Path(folder, "bin")
        compiling: list[str | Path] = [
            *(tools / "pip-compile", "--quiet", "--no-config", "--generate-hashes", "--allow-unsafe"),
            *("--strip-extras", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-options"),
            *("--no-emit-trusted-host", "--extra=dev", *options, "pyproject.toml"),
        ]
        steps: tuple[list[str | Path], ...] = (
            [tools / "python", "-m", "pip", "install", "--quiet", PIP_TOOLS],
            [*compiling, "--extra=peers", f"--output-file={peers}"],
            [*compiling, f"--constraint={peers}", f"--output-file={target}"],
        )
        for step in steps:
            if subprocess.run(step, env=environment, check=False).returncode:
                return "the resolver failed; its words are above"
    return None


if __name__ == "__main__":
    print("lock: resolving (a minute or two)", file=sys.stderr, flush=True)
    went_wrong = lock(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    sys.exit(f"lock: {went_wrong}" if went_wrong else 0)
