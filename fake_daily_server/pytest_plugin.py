"""Fixtures for telephony tests. Nothing but pytest is imported until one of them is used.

| async verbs | blocking verbs | what it is |
|---|---|---|
| `fake_daily` | `sync_fake_daily` | a Daily of this test session, as new for every test |
| `phone_network` | `sync_phone_network` | its telephone network: phones, numbers, the carrier |
| `daily_room` | `daily_room` | a room that can dial out and be dialled (override it for another) |
| `daily_client` | `sync_daily_client` | an owner who has joined `daily_room` |
| `daily_webhook` | `sync_daily_webhook` | a server that gets every webhook event, and checks signatures |
| `daily_python` | `daily_python` | a stand-in for daily-python: `import daily` finds it, Pipecat included |
| `daily_environment` | `daily_environment` | the environment of a program in a process of its own, stand-in included |

The async handles can be awaited on any loop: pytest-asyncio, anyio with asyncio or trio. Override the session fixture
`fake_daily_settings` to choose a domain, an API key or other defaults.

`daily_python` is a marker too, for a test, a class or a module. DAILY_API_URL, DAILY_API_KEY and the address that
Pipecat takes by default then lead to `fake_daily`, whatever a `.env` file says:

| how | what it is for |
|---|---|
| fixture `daily_python` | a bot that is imported in the test, or was imported with the real daily-python |
| `@pytest.mark.daily_python` | the same, without an argument |
| `@pytest.mark.daily_python(pacing="fast")` | writes of sound complete at once; the room hears the same |
| ini option `daily_python = "stand-in"` | test modules import a bot at their top; there all of the run |
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from fake_daily_server import plain_imports

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from fake_daily_server.handles.room_handle import RoomHandle
    from fake_daily_server.handles.webhook_receiver import WebhookReceiver
    from fake_daily_server.server import FakeDaily
    from fake_daily_server.settings import Settings
    from fake_daily_server.sync import SyncClient, SyncFakeDaily, SyncWebhookReceiver
    from simulator.network import Network
    from simulator.sync import SyncNetwork

plain_imports.come_first()

pytest_plugins = ("fake_daily_server.clients.pytest_plugin",)

_SHOWN = 60
"""Timeline records in the report of a failed test."""


@pytest.fixture(scope="session")
def fake_daily_settings(pytestconfig: pytest.Config) -> Settings:
    """How the session's fake Daily is set up: free ports, a random API key. Override it in your conftest."""
    from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS
    from fake_daily_server.settings import Settings

    address = pytestconfig.stash.get(RESERVED_ADDRESS, None)
    return Settings(port=0, sip_port=0) if address is None else address.settings


@pytest.fixture(scope="session")
def fake_daily_server(fake_daily_settings: Settings, pytestconfig: pytest.Config) -> Iterator[FakeDaily]:
    """The one server of a test session (of each worker under pytest-xdist), on a loop in a thread of its own."""
    from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS
    from fake_daily_server.server import FakeDaily
    from simulator.home import HomeThread

    address = pytestconfig.stash.get(RESERVED_ADDRESS, None)
    with HomeThread() as thread:
        if address is None:
            daily = FakeDaily(fake_daily_settings)
        else:
            daily = FakeDaily(address.apply_to(fake_daily_settings), listener=address.listener)
        thread.call(daily.__aenter__())
        try:
            yield daily
        finally:
            thread.call(daily.__aexit__(None, None, None))


@pytest.fixture
def fake_daily(fake_daily_server: FakeDaily, request: pytest.FixtureRequest) -> Iterator[FakeDaily]:
    """A Daily with no rooms, no phones and an empty timeline; `await fake_daily.create_room(…)`."""
    from fake_daily_server.clients.pytest_plugin import RESERVED_ADDRESS, release_clients_in_call

    yield fake_daily_server
    if RESERVED_ADDRESS in request.config.stash:
        release_clients_in_call(request.node)
    fake_daily_server.home.call(fake_daily_server.reset())


@pytest.fixture
def phone_network(fake_daily: FakeDaily) -> Network:
    """The telephone network that the fake Daily calls into; `await phone_network.phone("+12065550142")`."""
    return fake_daily.network


@pytest.fixture
def daily_room(fake_daily: FakeDaily) -> RoomHandle:
    """A room with dial-out and one SIP dial-in endpoint."""
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller"}
    return fake_daily.home.call(fake_daily.create_room(enable_dialout=True, sip=sip))


@pytest.fixture
def daily_client(fake_daily: FakeDaily, daily_room: RoomHandle) -> Client:
    """An owner in `daily_room`."""
    return fake_daily.home.call(fake_daily.join(daily_room))


@pytest.fixture
def daily_webhook(fake_daily: FakeDaily) -> WebhookReceiver:
    """A webhook for all events, and the server behind it; `await daily_webhook.wait_for("dialout.answered")`."""
    return fake_daily.home.call(fake_daily.receive_webhooks())


@pytest.fixture
def sync_fake_daily(fake_daily: FakeDaily) -> SyncFakeDaily:
    """`fake_daily` with blocking verbs."""
    from fake_daily_server.sync import SyncFakeDaily

    return SyncFakeDaily(fake_daily)


@pytest.fixture
def sync_phone_network(phone_network: Network) -> SyncNetwork:
    """`phone_network` with blocking verbs."""
    from simulator.sync import SyncNetwork

    return SyncNetwork(phone_network)


@pytest.fixture
def sync_daily_client(daily_client: Client) -> SyncClient:
    """`daily_client` with blocking verbs."""
    from fake_daily_server.sync import SyncClient

    return SyncClient(daily_client)


@pytest.fixture
def sync_daily_webhook(daily_webhook: WebhookReceiver) -> SyncWebhookReceiver:
    """`daily_webhook` with blocking verbs."""
    from fake_daily_server.sync import SyncWebhookReceiver

    return SyncWebhookReceiver(daily_webhook)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Show what happened in the fake Daily when a test that used it failed."""
    report = yield
    daily = getattr(item, "funcargs", {}).get("fake_daily")
    if daily is not None and report.when == "call" and report.failed:
        records = [str(record) for record in daily.timeline.records()]
        shown = records[-_SHOWN:]
        if len(records) > len(shown):
            shown.insert(0, f"… {len(records) - len(shown)} earlier records")
        report.sections.append(("timeline of the fake Daily", "\n".join(shown)))
    return report
