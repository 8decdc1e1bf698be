"""Fixtures for telephony tests. Nothing but pytest is imported until a test uses one of them.

| async methods | blocking methods | what it is |
|---|---|---|
| `fake_daily` | `sync_fake_daily` | the Daily of the test session, reset after every test |
| `phone_network` | `sync_phone_network` | its telephone network: phones, numbers, the carrier |
| `daily_room` | `daily_room` | a room with dial-out and dial-in; override the fixture for other properties |
| `daily_client` | `sync_daily_client` | a client that has joined `daily_room` as an owner |
| `daily_webhook` | `sync_daily_webhook` | a webhook receiver: gets every webhook event, checks its signature |
| `run_bot` | `sync_run_bot` | starts a bot, watches it, and always stops it; a wait raises its exception |
| `run_program` | `sync_run_program` | the same for a program in a process of its own |
| `daily_python` | `daily_python` | a stand-in for daily-python: `import daily` finds it, also in Pipecat |
| `daily_environment` | `daily_environment` | environment variables for another program, with the stand-in |

The async handles can be awaited on any loop: with pytest-asyncio, and with anyio on asyncio or trio. Override the
session fixture `fake_daily_settings` to choose a domain, an API key or other defaults. `pytest --daily-server URL` uses
a server that runs already.

`fake_daily_server.clients.scenario_tests` runs scenario files as tests.

`daily_python` is also a marker for a test, a class or a module. With the fixture or the marker, DAILY_API_URL,
DAILY_API_KEY and Pipecat's default address lead to `fake_daily`, whatever a `.env` file says:

| use | purpose |
|---|---|
| fixture `daily_python` | a bot that is imported in the test, or was imported with the real daily-python |
| `@pytest.mark.daily_python` | the same, without an argument |
| `@pytest.mark.daily_python(pacing="fast")` | writing audio returns at once; the room hears the same |
| ini option `daily_python = "stand-in"` | a bot that test modules import at their top; applies to the whole run |
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import pytest

from fake_daily_server import plain_imports
from simulator.paused_collector import paused_collector

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from fake_daily_server.handles.room_handle import RoomHandle
    from fake_daily_server.handles.webhook_receiver import WebhookReceiver
    from fake_daily_server.server import FakeDaily
    from fake_daily_server.settings import Settings
    from fake_daily_server.sync import SyncClient, SyncFakeDaily, SyncWebhookReceiver
    from simulator.network import Network
    from simulator.sync import SyncNetwork

plain_imports.install()

SUMMARY: pytest.StashKey[str] = pytest.StashKey()
"""Key of the reason of a failure in the stash of its test, where the error itself does not say it."""

_PARTS = (
    "fake_daily_server.clients.pytest_plugin",
    "fake_daily_server.clients.run_fixtures",
    "fake_daily_server.clients.capture_option",
    "fake_daily_server.clients.coverage_option",
    "fake_daily_server.clients.mutants_option",
    "fake_daily_server.clients.scenario_tests",
    "fake_daily_server.clients.report_files",
    "fake_daily_server.clients.leaks",
)
"""Modules with further hooks and fixtures."""


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the parts; for each name in `pytest_plugins`, pytest would search all installed distributions (5 ms)."""
    for name in _PARTS:
        if not (pluginmanager.is_blocked(name) or pluginmanager.has_plugin(name)):
            pluginmanager.register(import_module(name), name)


@pytest.fixture(scope="session")
def fake_daily_settings(pytestconfig: pytest.Config) -> Settings:
    """The settings of the session's fake Daily: free ports, a random API key. Override it in your conftest."""
    with paused_collector():
        from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS
        from fake_daily_server.settings import Settings

    address = pytestconfig.stash.get(RESERVED_ADDRESS, None)
    return Settings(port=0, sip_port=0) if address is None else address.settings


@pytest.fixture(scope="session")
def fake_daily_server(fake_daily_settings: Settings, pytestconfig: pytest.Config) -> Iterator[FakeDaily]:
    """The server of the test session (one for each pytest-xdist worker), on an event loop in its own thread.

    With `--daily-server URL` it is the server that runs there, with the methods of `FakeDaily` that work from outside.
    """
    with paused_collector():
        from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS, running_server
        from fake_daily_server.server import FakeDaily
        from simulator.owner_loop import LoopThread

    address = pytestconfig.stash.get(RESERVED_ADDRESS, None)
    settings = _with_fast_sip_timers(fake_daily_settings)
    if folders := pytestconfig.getini("daily_personas"):
        settings = settings.model_copy(update={"personas": (*settings.personas, *folders)})
    running = running_server(pytestconfig.getoption("daily_server"))
    with LoopThread() as thread:
        if running is not None:
            from fake_daily_server.clients.remote.remote_daily import RemoteDaily

            daily = cast("FakeDaily", RemoteDaily(*running))
        elif address is None:
            daily = FakeDaily(settings)
        else:
            daily = FakeDaily(address.apply_to(settings), listener=address.listener)
        with paused_collector():  # the start imports the web framework
            thread.call(daily.__aenter__())
        try:
            yield daily
        finally:
            thread.call(daily.__aexit__(None, None, None))


def _with_fast_sip_timers(settings: Settings) -> Settings:
    """The settings with `sip_timers` as `fast`, unless they name a value themselves."""
    return settings if "sip_timers" in settings.model_fields_set else settings.model_copy(update={"sip_timers": "fast"})


@pytest.fixture
def fake_daily(fake_daily_server: FakeDaily, request: pytest.FixtureRequest) -> Iterator[FakeDaily]:
    """A fake Daily without rooms, phones or timeline records; `await fake_daily.create_room(…)`."""
    from fake_daily_server.clients.capture_option import captured
    from fake_daily_server.clients.coverage_option import count_records
    from fake_daily_server.clients.leaks import judge_leaks
    from fake_daily_server.clients.mutants_option import mutated, note_mutants
    from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS, release_clients_in_call

    with captured(request.node, fake_daily_server), mutated(request.config, fake_daily_server):
        yield fake_daily_server
    count_records(request.config, fake_daily_server.timeline.records())
    note_mutants(request.node, fake_daily_server.timeline.records())
    if RESERVED_ADDRESS in request.config.stash:
        release_clients_in_call(request.node)
    try:
        judge_leaks(request.node, fake_daily_server)
    finally:
        fake_daily_server.owner_loop.call(fake_daily_server.reset())


@pytest.fixture
def phone_network(fake_daily: FakeDaily) -> Network:
    """The telephone network that the fake Daily is connected to; `await phone_network.phone("+12065550142")`."""
    return fake_daily.network


@pytest.fixture
def daily_room(fake_daily: FakeDaily) -> RoomHandle:
    """A room with dial-out and one SIP dial-in endpoint."""
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller"}
    return fake_daily.owner_loop.call(fake_daily.create_room(enable_dialout=True, sip=sip))


@pytest.fixture
def daily_client(fake_daily: FakeDaily, daily_room: RoomHandle) -> Client:
    """A client that has joined `daily_room` as an owner."""
    return fake_daily.owner_loop.call(fake_daily.join(daily_room))


@pytest.fixture
def daily_webhook(fake_daily: FakeDaily) -> WebhookReceiver:
    """A webhook receiver that is subscribed to all event types; `await daily_webhook.wait_for("dialout.answered")`."""
    return fake_daily.owner_loop.call(fake_daily.receive_webhooks())


@pytest.fixture
def sync_fake_daily(fake_daily: FakeDaily) -> SyncFakeDaily:
    """`fake_daily` with blocking methods."""
    from fake_daily_server.sync import SyncFakeDaily

    return SyncFakeDaily(fake_daily)


@pytest.fixture
def sync_phone_network(phone_network: Network) -> SyncNetwork:
    """`phone_network` with blocking methods."""
    from simulator.sync import SyncNetwork

    return SyncNetwork(phone_network)


@pytest.fixture
def sync_daily_client(daily_client: Client) -> SyncClient:
    """`daily_client` with blocking methods."""
    from fake_daily_server.sync import SyncClient

    return SyncClient(daily_client)


@pytest.fixture
def sync_daily_webhook(daily_webhook: WebhookReceiver) -> SyncWebhookReceiver:
    """`daily_webhook` with blocking methods."""
    from fake_daily_server.sync import SyncWebhookReceiver

    return SyncWebhookReceiver(daily_webhook)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a test fail that has called an async method of its fixtures without `await`, and say so."""
    if "fake_daily" not in getattr(item, "funcargs", {}):
        return (yield)
    from inspect import iscoroutinefunction

    from fake_daily_server.clients.not_awaited import NotAwaited, NotAwaitedCalls

    calls = NotAwaitedCalls(in_plain_function=not iscoroutinefunction(getattr(item, "obj", None)))
    try:
        with calls.noticed_by_warnings():
            result = yield
    except Exception as error:
        calls.add_variables_of(error)
        if calls:
            error.add_note(str(calls))
            item.stash[SUMMARY] = str(calls)
        raise
    if calls:
        raise NotAwaited(str(calls))
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Let the report of a failed test that used the fake Daily begin with the reason, and contain what happened."""
    daily = getattr(item, "funcargs", {}).get("fake_daily")
    if daily is None or (call.excinfo is None and call.when != "call"):
        return (yield)
    from fake_daily_server.clients.leaks import FAILED

    item.stash[FAILED] = call.excinfo is not None
    from fake_daily_server.clients.capture_option import end_capture
    from fake_daily_server.clients.failure_report import report_sections, shortened, summary
    from fake_daily_server.clients.not_awaited import NotAwaited
    from fake_daily_server.clients.report_files import write_test_report
    from fake_daily_server.clients.run_fixtures import PROGRAMS

    error = None if call.excinfo is None else call.excinfo.value
    programs = item.stash.get(PROGRAMS, [])
    page = None
    if call.when == "call":
        end_capture(item, failed=error is not None)
    if call.when == "call" and not isinstance(error, pytest.skip.Exception):
        page = write_test_report(item, daily, error, programs)
        if page is not None:
            item.user_properties.append(("daily_report", str(page)))
    if error is None:
        return (yield)
    if not item.config.getoption("fulltrace"):
        call.excinfo = pytest.ExceptionInfo.from_exception(shortened(error))
    report = yield
    if report.failed:
        if isinstance(error, NotAwaited) and call.excinfo is not None:
            report.longrepr = call.excinfo.getrepr(style="value")
        place = getattr(report.longrepr, "reprcrash", None)
        if place is not None and (line := item.stash.get(SUMMARY, summary(error))) is not None:
            place.message = line
        if report.when == "call":
            report.sections.extend(report_sections(daily.timeline, programs))
            if page is not None:
                report.sections.append(("report of the fake Daily", page.absolute().as_uri()))
    return report
