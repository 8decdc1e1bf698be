"""The folders in which a scenario finds personas of its own."""

from __future__ import annotations

from pathlib import Path

NAME = "personas"


def persona_folders(folder: Path) -> list[Path]:
    """The folders `personas` beside a scenario file in `folder`, and in the folders above it in this directory."""
    here = folder.resolve()
    above = [each for each in here.parents if each.is_relative_to(Path.cwd())]
    return [each / NAME for each in (here, *above) if (each / NAME).is_dir()]
