"""Every link on every page has an existing target, and every page under docs can be reached from the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Page, all_pages

PAGES = all_pages()
BY_PATH = {page.path: page for page in PAGES}


def target(page: Page, link: str) -> tuple[Path, str] | None:
    """The file and the anchor that a link leads to; None for an external address."""
    if "://" in link or link.startswith("mailto:"):
        return None
    file, _, anchor = link.partition("#")
    return ((page.path.parent / file).resolve() if file else page.path), anchor


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_its_links_lead_to_files_and_headings_that_exist(page: Page) -> None:
    lost = []
    for link in page.links:
        if (found := target(page, link)) is None:
            continue
        path, anchor = found
        if not path.exists() or (anchor and path in BY_PATH and anchor not in BY_PATH[path].anchors):
            lost.append(link)
    assert lost == []


def test_every_page_under_docs_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path not in BY_PATH:
            continue
        reached.add(path)
        waiting += [found[0] for link in BY_PATH[path].links if (found := target(BY_PATH[path], link))]
    assert (
        sorted(str(page) for page in PAGES if page.path.is_relative_to(ROOT / "docs") and page.path not in reached)
        == []
    )


def test_a_link_that_leads_nowhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        "# A `page`, of two\n\n[here](#a-page-of-two) [there](other.md#x) `[not](a-link)` [far](https://x.y/z)\n"
    )
    page = Page(path)
    assert list(page.links) == ["#a-page-of-two", "other.md#x", "https://x.y/z"]
    assert page.anchors == {"a-page-of-two"}
    assert target(page, "other.md#x") == (tmp_path / "other.md", "x")
