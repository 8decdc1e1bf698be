"""What a reader of a recipe has: wheels of other projects, and an empty directory beside a clone of this project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clone import clone, set_up_as_here
from tests.recipes.catalogue import NEEDED, recipe_of
from tests.recipes.reader import PROJECT, fetch


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheels of everything that the pages install from a package index."""
    folder = tmp_path_factory.mktemp("wheels")
    fetch(map(recipe_of, NEEDED), folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty directory beside a clone of this project, in which `make` works."""
    set_up_as_here(clone(tmp_path / PROJECT))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
