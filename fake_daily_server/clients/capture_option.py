"""The option `--daily-capture`: SIP and RTP of tests as pcapng files, for Wireshark."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fake_daily_server.report.modes import MODES, OFF, is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_daily_server.server import FakeDaily
    from simulator.capture import Capture

_CAPTURE: pytest.StashKey[Capture] = pytest.StashKey()
"""The capture of a test, in the stash of the test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--daily-capture`, which chooses the tests whose captures are kept."""
    parser.getgroup("fake Daily").addoption(
        "--daily-capture",
        choices=MODES,
        default=OFF,
        help="Capture SIP, RTP and RTCP of each test that uses the fake Daily, and keep the pcapng files of all tests "
        "(on), of none (off, the default), or of those that failed (retain-on-failure). They are in "
        ".daily-sim/captures, and the reports link to them.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse the option with a server that runs elsewhere."""
    if config.getoption("daily_capture") != OFF and config.getoption("daily_server"):
        raise pytest.UsageError(
            "--daily-capture and --daily-server exclude each other: the file would be on the machine of the server; "
            "start that with --capture FILE"
        )


def file_of_capture(test: pytest.Item) -> Path | None:
    """The file for the capture of a test; None without the option. A file of an earlier run is removed."""
    if test.config.getoption("daily_capture") == OFF:
        return None
    from fake_daily_server.report.files import file_name
    from simulator.kept_files import kept_files_folder

    file = kept_files_folder("captures") / f"{file_name(test.nodeid)}.pcapng"
    file.unlink(missing_ok=True)
    return file


def is_kept(test: pytest.Item, *, failed: bool) -> bool:
    """Whether the option keeps the capture of a test."""
    return is_wanted(test.config.getoption("daily_capture"), failed=failed)


@contextmanager
def captured(test: pytest.Item, daily: FakeDaily) -> Iterator[None]:
    """Capture while the block lasts, or until `end_capture`, if the option asks for it."""
    if (file := file_of_capture(test)) is None:
        yield
        return
    capture = test.stash[_CAPTURE] = daily.capture(file)
    with capture:
        yield


def end_capture(test: pytest.Item, *, failed: bool) -> None:
    """Complete the capture of a test, if there is one, and keep its file or remove it."""
    if (capture := test.stash.get(_CAPTURE, None)) is None:
        return
    capture.owner_loop.call(capture.stop())
    if not is_kept(test, failed=failed):
        capture.path.unlink(missing_ok=True)
