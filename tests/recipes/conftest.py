"""What a reader of a recipe has: wheels of other projects, and an empty directory beside a clone of this project."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from tests.clone import clone, set_up_as_here
from tests.recipes.catalogue import NEEDED, recipe_of
from tests.recipes.reader import PROJECT, fetch


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheels of everything that the pages install from an index, one for all pytest workers."""
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "wheels"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            unfinished.mkdir(exist_ok=True)
            fetch(map(recipe_of, NEEDED), unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty directory beside a clone of this project, in which `make` works."""
    set_up_as_here(clone(tmp_path / PROJECT))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
