"""The text of the pages: one name for the command, and a colon only before what it announces."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.docs.pages import Page, all_pages

_ANNOUNCED = re.compile(r"(```|[-|*<]|\d+\.|    |`[^`]+`:(\n|$))")
"""How a block, list, table, HTML element or named file begins."""
PAGES = [page for page in all_pages() if page.path.name != "CHANGELOG.md"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_command_is_called_daily_sim(page: Page) -> None:
    assert "python -m scenarios" not in page.text, "works only inside a clone"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_paragraph_that_ends_with_a_colon_is_followed_by_what_it_announces(page: Page) -> None:
    parts = re.split(r"\n\n+", re.sub(r"^```.*?^```", "```", page.text, flags=re.DOTALL | re.MULTILINE))
    announcing = [(one, other) for one, other in pairwise(parts) if one.endswith(":")]
    assert [one for one, other in announcing if not _ANNOUNCED.match(other)] == []
