"""Every page of docs/recipes, followed literally from an empty directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.catalogue import FOLDER, NEEDED, recipe_of
from tests.recipes.page import Command, File, Printed, missing_output
from tests.recipes.reader import follow


def test_the_index_links_every_page() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(NEEDED)
    index = (FOLDER / "README.md").read_text()
    assert [page for page in pages if f"]({page}.md)" not in index] == []


@pytest.mark.parametrize("name", NEEDED)
def test_a_page_writes_files_and_ends_with_passing_tests(name: str) -> None:
    recipe = recipe_of(name)
    assert {File, Command} <= {type(step) for step in recipe}
    last = recipe[-1]
    assert isinstance(last, Printed)
    assert "passed" in last.line


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.interop(*needed)) for name, needed in NEEDED.items()]
)
def test_following_a_page_leads_to_passing_tests(name: str, wheels: Path, project: Path) -> None:
    recipe = recipe_of(name)
    output = follow(recipe, wheels=wheels, folder=project)
    assert missing_output(recipe, output) == [], output[-6000:]
