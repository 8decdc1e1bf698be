"""@playwright/test in Node, with the fixtures of the JavaScript package."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.server import FakeDaily
from tests.interop.browser import chromium
from tests.interop.node import FOLDER, run_node

pytestmark = pytest.mark.interop("node", "chromium", "daily-js")


def test_the_playwright_tests_in_javascript_pass(fake_daily: FakeDaily, site_port: int, tmp_path: Path) -> None:
    output = run_node(
        "@playwright/test/cli.js",
        "test",
        "--config",
        str(FOLDER / "playwright" / "playwright.config.js"),
        DAILY_API_URL=fake_daily.api_url,
        DAILY_API_KEY=fake_daily.api_key,
        CHROMIUM=chromium.executable() or "",
        PHONE_PAGE=f"http://127.0.0.1:{site_port}/phone/index.html",
        PLAYWRIGHT_OUTPUT=str(tmp_path),
    )
    assert "2 passed" in output
