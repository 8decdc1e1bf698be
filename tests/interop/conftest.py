"""Fixtures of the interop tests: foreign programs, whose output is in the report of a failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.program import Programs


@pytest_asyncio.fixture
async def programs(tmp_path: Path) -> AsyncIterator[Programs]:
    """Runs the foreign programs of a test, and ends them with it."""
    async with Programs(tmp_path) as programs:
        yield programs


@pytest.fixture
def daily_room(fake_daily: FakeDaily) -> RoomHandle:
    """A room with dial-out and one SIP endpoint, which prefers PCMU as SIPp's stock scenarios do."""
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["PCMU"]}}
    return fake_daily.owner_loop.call(fake_daily.create_room(enable_dialout=True, sip=sip))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Add the output of each foreign program to the report of a failed test."""
    report = yield
    programs = getattr(item, "funcargs", {}).get("programs")
    if isinstance(programs, Programs) and report.when == "call" and report.failed:
        report.sections.extend((f"output of {program.name}", program.report()) for program in programs.started)
    return report
