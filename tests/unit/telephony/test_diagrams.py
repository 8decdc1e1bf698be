from __future__ import annotations

import re
from pathlib import Path

from tools import machine_diagrams

DOCS = Path(__file__).parents[3] / "docs"


def test_the_committed_page_is_drawn_from_todays_tables() -> None:
    assert (DOCS / "reference" / "machines.md").read_text() == machine_diagrams.page(), "run: make generate"


def test_labels_have_nothing_that_ends_a_mermaid_label() -> None:
    arrows = re.findall(r"^    \w+ --> \w+: (.+)$", machine_diagrams.page(), flags=re.MULTILINE)
    assert len(arrows) > 30
    assert not [label for label in arrows if re.search(r"[:;]", label)]
