"""Files that `/_sim` may write: captures and recordings, below the folder in which the server was started.

A web page of this machine may use `/_sim`, so that it must not be able to overwrite other files of the user.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from simulator.errors import ConfigurationError

_MAGIC = {".pcapng": b"\x0a\x0d\x0d\x0a", ".wav": b"RIFF"}
"""The first bytes of a file of each kind."""


def _writable(suffix: str) -> Callable[[Path], Path]:
    def check(path: Path) -> Path:
        folder = Path.cwd()
        if "\0" in str(path):
            raise ConfigurationError("path", str(path), "a path without NUL")
        wanted = (folder / path).resolve()
        if wanted.suffix != suffix or not wanted.is_relative_to(folder.resolve()):
            raise ConfigurationError("path", str(path), f"a *{suffix} file below {folder}, where the server runs")
        if wanted.exists() and not _is_empty_or(wanted, _MAGIC[suffix]):
            raise ConfigurationError("path", str(path), f"a new file, or one that is already a {suffix} file")
        return path

    return check


def _is_empty_or(path: Path, magic: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(magic)) in (b"", magic)


CapturePath = Annotated[Path, AfterValidator(_writable(".pcapng"))]
RecordingPath = Annotated[Path, AfterValidator(_writable(".wav"))]
