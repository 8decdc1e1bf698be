"""The fixture, marker and ini option `daily_python`; `fake_daily_server.pytest_plugin` describes their use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fake_daily_server.clients.reserved_address import ReservedAddress
    from fake_daily_server.server import FakeDaily

STAND_IN = "stand-in"

RESERVED_ADDRESS: pytest.StashKey[ReservedAddress] = pytest.StashKey()
"""Key of the reserved address in the stash of the pytest config; present if the ini option `daily_python` is set."""

_MARKER = (
    "daily_python(pacing='real-time'): `import daily` finds the stand-in for daily-python in this test; with "
    "pacing='fast' audio writes complete at once"
)


class StillInTheCall(pytest.PytestWarning):
    """Warning: a bot was still in its room when its test ended, and was released."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini options `daily_python` and `daily_personas`, and the option `--daily-server`."""
    parser.getgroup("fake Daily").addoption(
        "--daily-server",
        metavar="URL",
        help="Use the fake Daily that runs at URL, such as http://127.0.0.1:7880, instead of starting one. Its API key "
        "is read from DAILY_API_KEY. It is reset before the first and after each test.",
    )
    parser.addini(
        "daily_python",
        f"{STAND_IN}: `import daily` finds the stand-in for daily-python from the start of the run, so that test "
        "modules can import a bot at their top",
        default="",
    )
    parser.addini("daily_personas", "folders with persona files, relative to the ini file", type="paths", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Install the stand-in for the whole run if the ini option asks for it."""
    wanted = early_config.getini("daily_python")
    if wanted not in ("", STAND_IN):
        raise pytest.UsageError(f"daily_python: {wanted!r} is not usable; allowed: {STAND_IN}, or nothing")
    if wanted:
        from fake_daily_server.clients.daily_python import in_place
        from fake_daily_server.clients.reserved_address import ReservedAddress

        run = ExitStack()
        early_config.add_cleanup(run.close)
        running = running_server(early_config.known_args_namespace.daily_server)
        if running is not None:
            run.enter_context(in_place(api_url=f"{running[0]}/v1", api_key=running[1]))
            return
        address = early_config.stash[RESERVED_ADDRESS] = ReservedAddress()
        run.callback(address.close)
        run.enter_context(in_place(api_url=address.api_url, api_key=address.settings.api_key))


def running_server(url: str | None) -> tuple[str, str] | None:
    """The base URL and the API key of the server that `--daily-server` names; None without the option."""
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise pytest.UsageError(f"--daily-server: {url!r} is not usable; allowed: a URL such as http://127.0.0.1:7880")
    api_key = os.environ.get("DAILY_API_KEY", "")
    if not api_key:
        raise pytest.UsageError("--daily-server needs DAILY_API_KEY: the api_key that the server printed at its start")
    return url.rstrip("/").removesuffix("/v1"), api_key


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker `daily_python`, and refuse `--daily-server` where it cannot work."""
    config.addinivalue_line("markers", _MARKER)
    if running_server(config.getoption("daily_server")) is not None and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "--daily-server and -n exclude each other: the workers of pytest-xdist would remove each other's rooms; "
            "without --daily-server each worker has a server of its own"
        )


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Make tests with the marker `daily_python` use the fixture without requesting it as an argument."""
    if collector.istestfunction(obj, name):
        own = getattr(obj, "pytestmark", ())
        if collector.get_closest_marker("daily_python") or any(mark.name == "daily_python" for mark in own):
            pytest.mark.usefixtures("daily_python")(obj)


@pytest.fixture
def daily_python(request: pytest.FixtureRequest, fake_daily: FakeDaily) -> Iterator[ModuleType]:
    """The stand-in for daily-python, installed as the module `daily` during this test and connected to `fake_daily`.

    A client that is still in a room at the end of the test is released, with the warning StillInTheCall.
    """
    from fake_daily_server.clients.daily_python import in_place

    with in_place(api_url=fake_daily.api_url, api_key=fake_daily.api_key, **_options(request.node)) as module:
        try:
            yield module
        finally:
            release_clients_in_call(request.node)


@pytest.fixture
def daily_environment(fake_daily: FakeDaily) -> dict[str, str]:
    """The environment for a program that is to use `fake_daily`: `subprocess.Popen(…, env=daily_environment)`.

    In a Python program, `import daily` finds the stand-in for daily-python.
    """
    from fake_daily_server.clients.environment import program_environment

    return program_environment(api_url=fake_daily.api_url, api_key=fake_daily.api_key)


def _options(test: pytest.Item) -> dict[str, Any]:
    marker = test.get_closest_marker("daily_python")
    if marker is None:
        return {}
    if marker.args or set(marker.kwargs) - {"pacing"}:
        raise pytest.UsageError(f"{marker}: the marker takes only pacing='real-time' or pacing='fast'")
    return dict(marker.kwargs)


def release_clients_in_call(test: pytest.Item) -> None:
    """Release the clients that are still in a room, with a StillInTheCall warning for each."""
    from fake_daily_server.clients.python.daily._client import unreleased

    for name in unreleased.release_clients_in_call():
        test.warn(
            StillInTheCall(
                f"{name!r} was still in its room when the test ended, and was released. Let the bot end within the "
                "test; `await fake_daily.wait_until_empty(room)` waits until it has left"
            )
        )
