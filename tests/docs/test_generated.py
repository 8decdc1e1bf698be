"""The pages under docs/reference are what their sources say."""

from __future__ import annotations

from tools import settings_page


def test_the_page_of_settings_is_current() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page(), "run: make generate"
