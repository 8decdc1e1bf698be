"""Fixtures of the interop tests: foreign programs, whose output is in the report of a failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.kamailio import Kamailio
from tests.interop.linphone import Linphone
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


@pytest.fixture(autouse=True)
def no_traceback_in_the_log(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which the server or one of its workers logs an exception, whatever a peer has sent."""
    daily = request.getfixturevalue("fake_daily") if "fake_daily" in request.fixturenames else None
    yield
    logged = [caplog.handler.format(record) for record in caplog.get_records("call") if record.exc_info]
    if daily is not None:
        lines = [record.fields.get("text", "") for record in daily.timeline.records(kind="worker")]
        logged += ["\n".join(lines)] if any("Traceback" in line for line in lines) else []
    if logged:
        pytest.fail("exceptions in the server's log:\n" + "\n".join(logged), pytrace=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def programs_of_module(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Programs]:
    """The foreign programs that all tests of this module use."""
    async with Programs(tmp_path_factory.mktemp("programs")) as programs:
        yield programs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def linphone_of_module(programs_of_module: Programs) -> Linphone:
    """A linphonec for all tests of this module."""
    return await Linphone.start(programs_of_module)


@pytest_asyncio.fixture
async def linphone(linphone_of_module: Linphone) -> AsyncIterator[Linphone]:
    """The module's linphonec, without calls and with all codecs, which answers at once."""
    linphone_of_module.begin()
    yield linphone_of_module
    await linphone_of_module.restore()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kamailio_of_module(programs_of_module: Programs, fake_daily_server: FakeDaily) -> Kamailio:
    """A Kamailio for all tests of this module, in front of the session's network."""
    return await Kamailio.start(programs_of_module, fake_daily_server.network.address)


@pytest.fixture
def kamailio(kamailio_of_module: Kamailio) -> Kamailio:
    """The module's Kamailio, which has routed nothing yet."""
    kamailio_of_module.begin()
    return kamailio_of_module


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Add the output of each foreign program to the report of a failed test."""
    report = yield
    if report.failed:
        found = (used for used in getattr(item, "funcargs", {}).values() if isinstance(used, Programs))
        for program in (program for programs in found for program in programs.started):
            report.sections.append((f"output of {program.name}", program.report()))
    return report
