"""What some tests need: a browser, Node, the libraries of the code under test, programs to look at captures."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fake_daily_server.doctor.finding import Finding, State

OLDEST_NODE = 20
_ASK_LIMIT_S = 20
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge")
_MACOS_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")


@dataclass(frozen=True, slots=True)
class Library:
    """A Python library that the code under test may use."""

    name: str
    distribution: str
    purpose: str


LIBRARIES = (
    Library("Pipecat", "pipecat-ai", "tests of Pipecat bots"),
    Library("Playwright", "playwright", "tests of web pages written in Python"),
)


def libraries() -> Iterator[Finding]:
    """The versions of the libraries in this environment."""
    for library in LIBRARIES:
        try:
            found = importlib.metadata.version(library.distribution)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                State.ABSENT, library.name, f"not in this environment; for {library.purpose}",
                f"pip install {library.distribution}",
            )  # fmt: skip
        else:
            yield Finding(State.OK, library.name, found)


def browser() -> Finding:
    """A Chromium for tests of web pages: one of the system, or one that Playwright has downloaded."""
    programs = (*filter(None, map(shutil.which, _BROWSERS)), *_existing(_MACOS_CHROME))
    downloaded = (folder for cache in _PLAYWRIGHT_CACHES for folder in Path(cache).expanduser().glob("chromium-*"))
    for found in (*programs, *map(str, downloaded)):
        return Finding(State.OK, "browser", found)
    remedy = "npx playwright install chromium, or the package chromium of your system"
    return Finding(State.ABSENT, "browser", "no Chromium; for tests of daily-js with audio and video", remedy)


def _existing(path: str) -> tuple[str, ...]:
    return (path,) if Path(path).exists() else ()


def node() -> Finding:
    """Node, for tests of daily-js."""
    program = shutil.which("node")
    if program is None:
        return Finding(
            State.ABSENT, "Node", "not on PATH; for tests of daily-js", f"install Node {OLDEST_NODE} or later"
        )
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=_ASK_LIMIT_S)  # noqa: S603
    version = asked.stdout.strip()
    major = version.removeprefix("v").partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_NODE:
        return Finding(
            State.LIMITED, "Node", f"{version}, {program}: too old for tests of daily-js",
            f"install Node {OLDEST_NODE} or later",
        )  # fmt: skip
    return Finding(State.OK, "Node", f"{version}, {program}")


def wireshark() -> Finding:
    """A program that shows captures; making them needs none."""
    for name in ("wireshark", "tshark"):
        if found := shutil.which(name):
            return Finding(State.OK, "Wireshark", found)
    return Finding(State.ABSENT, "Wireshark", "not on PATH; for looking at the files of --capture")


def peer_findings() -> Iterator[Finding]:
    """Look for each peer program and library; yield one finding for each."""
    yield browser()
    yield node()
    yield from libraries()
    yield wireshark()
