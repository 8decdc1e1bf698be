"""`python -m tests.dtmf_page` writes the table of DTMF senders at the end of docs/dtmf.md."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.dtmf_senders import markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "dtmf.md"
_MARKER = re.compile(r"^<!-- .* -->\n", re.MULTILINE)


def with_current_table(page: str) -> str:
    """Return the page with the current table after its last HTML comment. Raises ValueError if there is none."""
    markers = list(_MARKER.finditer(page))
    if not markers:
        raise ValueError(f"{PAGE} has no line `<!-- … -->`; add one where the table is to follow")
    return f"{page[: markers[-1].end()]}{markdown_table()}\n"


if __name__ == "__main__":
    PAGE.write_text(with_current_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
