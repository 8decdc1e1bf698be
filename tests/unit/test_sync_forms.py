"""The blocking forms are generated from the async handles, and the committed files are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import sync_forms

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sync_forms.HANDLES)
def test_the_committed_file_is_what_the_sources_generate(path: str) -> None:
    assert (ROOT / path).read_text() == sync_forms.render(path), "run `make generate`"
