"""The committed pages under docs/reference equal those generated from their sources."""

from __future__ import annotations

import pytest

from tools import settings_page


def test_the_page_of_settings_is_current() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page(), "run: make generate"


@pytest.mark.parametrize("setting", list(settings_page.settings()), ids=lambda setting: setting.name)
def test_every_setting_says_what_it_chooses(setting: settings_page.Setting) -> None:
    assert len(setting.about.split()) >= 4, f"{setting.name} needs a docstring in fake_daily_server/settings.py"
