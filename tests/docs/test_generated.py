"""The committed pages under docs/reference equal those generated from their sources."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import get_args

import pytest

from fake_daily_server.rest.faults import RestFaultName
from fake_daily_server.signalling.event_faults import EventFaultName
from fake_daily_server.telephony.digit_faults import DigitFaultName
from fake_daily_server.webhooks.webhook_faults import WebhookFaultName
from scenarios.reference import reference
from simulator.sip_faults import FaultName
from tests.docs.pages import ROOT
from tools import faults_page, python_pages, settings_page


def test_the_page_of_settings_is_current() -> None:
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page(), "run: make generate"


@pytest.mark.parametrize("setting", list(settings_page.settings()), ids=lambda setting: setting.name)
def test_every_setting_says_what_it_chooses(setting: settings_page.Setting) -> None:
    assert len(setting.about.split()) >= 4, f"{setting.name} needs a docstring in fake_daily_server/settings.py"


def test_the_page_of_scenario_words_is_current() -> None:
    page = ROOT / "docs" / "reference" / "scenarios.md"
    assert page.read_text(encoding="utf-8") == reference(), "run: make generate"


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    return python_pages.pages()


def test_the_pages_of_python_names_are_current(pages: dict[Path, str]) -> None:
    assert {path: path.read_text(encoding="utf-8") for path in pages} == pages, "run: make generate"


@pytest.mark.parametrize("package", python_pages.PAGES)
def test_every_public_name_and_method_is_on_its_page(package: str, pages: dict[Path, str]) -> None:
    text = pages[python_pages.FOLDER / f"{python_pages.PAGES[package][0]}.md"]
    root = importlib.import_module(package)
    missing = [name for name in root.__all__ if f"`{name}`" not in text and f"## {name}\n" not in text]
    methods = [
        f"### {name}.{member}\n"
        for name in root.__all__
        if not name.startswith("Sync") and not issubclass(getattr(root, name), Exception)
        for member, value in inspect.getmembers(getattr(root, name), inspect.isfunction)
        if not member.startswith("_") and value.__module__.partition(".")[0] in python_pages.PAGES
    ]
    assert missing == []
    assert [heading for heading in methods if heading not in text] == []


def test_the_page_of_faults_is_current_and_each_fault_is_shown_by_a_file() -> None:
    assert faults_page.PAGE.read_text(encoding="utf-8") == faults_page.page(), "run: make generate"
    assert [proof for _, _, _, proof in faults_page.rows() if not (faults_page.ROOT / proof).is_file()] == []
    named = [get_args(names) for names in (FaultName, WebhookFaultName, RestFaultName, EventFaultName, DigitFaultName)]
    assert {f"`{name}`" for names in named for name in names} <= {name for _, name, _, _ in faults_page.rows()}
