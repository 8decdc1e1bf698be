"""Parses the project's Markdown pages: headings, links and code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCED = re.compile(
    r"^(?P<fence>```+)(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE
)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)")
_NAMED = re.compile(r"`([\w./-]+)`:\s*\Z")
_HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    page: Path
    line: int
    language: str
    name: str
    """File name, if the line before the block has one, as in "`bot.py`:"; otherwise empty."""
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """The text of the page."""
        return self.path.read_text(encoding="utf-8")

    @property
    def links(self) -> Iterator[str]:
        """The targets of the page's links as written, except in code."""
        yield from _LINK.findall(_CODE.sub("", _FENCED.sub("", self.text)))

    @property
    def anchors(self) -> frozenset[str]:
        """The anchors of the page's headings, as GitHub generates them."""
        return frozenset(_anchor(heading) for heading in _HEADING.findall(_FENCED.sub("", self.text)))

    @property
    def blocks(self) -> Iterator[Block]:
        """The page's fenced code blocks, in order."""
        for found in _FENCED.finditer(self.text):
            line = self.text.count("\n", 0, found.start()) + 1
            named = _NAMED.search(self.text, 0, found.start())
            yield Block(self.path, line, found["language"], named[1] if named else "", found["text"])


def _anchor(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def all_pages() -> list[Page]:
    """The documentation pages: at the root, under docs, and those of the examples and the npm package."""
    folders = (ROOT / "docs", ROOT / "examples", ROOT / "fake_daily_server" / "clients" / "javascript")
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    return [Page(path) for path in sorted(found) if "node_modules" not in path.parts]
