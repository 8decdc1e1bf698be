"""`pytest --daily-server URL`: the fixtures use a server that runs already."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_daily_server.clients.remote.remote_daily import RemoteDaily
from fake_daily_server.clients.remote.remote_phones import VERBS, RemoteCall, RemoteNetwork, RemotePhone
from fake_daily_server.clients.remote.remote_room import RemoteRoom
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    """The first line of a server in a process of its own."""
    with serving("--domain", "elsewhere") as answered:
        yield answered


@contextmanager
def serving(*options: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture
def attached(server: dict[str, Any], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("DAILY_API_KEY", server["api_key"])
    return pytester


def run(pytester: pytest.Pytester, server: dict[str, Any], source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    url = server["api_url"]
    return pytester.runpytest_subprocess("-W", "error", *ASYNCIO, "--daily-server", url, *options)


def test_plain_tests_use_its_phones_rooms_and_events(server: dict[str, Any], attached: pytest.Pytester) -> None:
    result = run(
        attached,
        server,
        """
        import pytest

        @pytest.mark.parametrize("time", range(2))
        def test_it(sync_fake_daily, sync_phone_network, daily_room, sync_daily_client, time):
            assert sync_fake_daily.domain == "elsewhere"
            assert sync_phone_network.phones == []
            office = sync_phone_network.phone("+12065550142", calls=[{"ring_ms": 50, "then": "answer"}])
            session_id = sync_daily_client.start_dialout({"phoneNumber": office.number})
            sync_daily_client.wait_for(["dialout-connected", "dialout-answered"], where={"sessionId": session_id})
            call = office.wait_for_call()
            assert (call.incoming, call.state) == (True, "answered")
            call.press("12#")
            sync_daily_client.wait_for("dtmf-event", where={"tone": "#"})
            sync_fake_daily.wait_for("dtmf-event", room=daily_room, where={"tone": "#"})
            sync_daily_client.send_dtmf({"sessionId": session_id, "tones": "4"})
            call.wait_for_digits("4")
            assert call.digits == "4"
            call.hang_up()
            assert call.wait_for_end().by == "local"
            sync_daily_client.wait_for("dialout-stopped", where={"sessionId": session_id})
            assert len(daily_room.participants) == 1
        """,
    )
    result.assert_outcomes(passed=2)


def test_async_tests_use_webhooks_callers_and_audio(server: dict[str, Any], attached: pytest.Pytester) -> None:
    result = run(
        attached,
        server,
        """
        async def test_it(fake_daily, phone_network, daily_room, daily_client, daily_webhook, daily_environment):
            assert daily_environment["DAILY_API_URL"] == fake_daily.api_url
            ready = await daily_client.wait_for("dialin-ready")
            assert ready["sipEndpoint"] in daily_room.sip_uris
            caller = await phone_network.phone("+12065550199", codecs=["PCMU"])
            call = await caller.dial(ready["sipEndpoint"], headers={"X-Order": "7"})
            assert (await call.wait_answered()).codec == "PCMU"
            await fake_daily.wait_for("dialin-connected")
            connected = await daily_webhook.wait_for("dialin.connected")
            assert connected["payload"]["domain_id"]
            await fake_daily.wait_for_delivery("dialin.connected")
            await call.hum(440)
            await call.hush()
            await call.hang_up()
            await daily_client.wait_for("dialin-stopped")
        """,
    )
    result.assert_outcomes(passed=1)


WORDS = """
def words(samples, rate):
    return "I would like an appointment" if abs(samples).max() > 100 else ""
"""


@pytest.fixture
def server_with_transcriber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    (tmp_path / "their_words.py").write_text(WORDS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    with serving("--set", "transcriber=their_words:words") as answered:
        yield answered


def test_a_call_says_what_it_heard_and_where_its_persona_stands(
    server_with_transcriber: dict[str, Any], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_API_KEY", server_with_transcriber["api_key"])
    result = run(
        pytester,
        server_with_transcriber,
        """
        def test_it(sync_phone_network):
            desk = sync_phone_network.phone("+12065550142", calls="answer")
            menu = sync_phone_network.phone("+12065550143", persona="menu", menu={"1": "sales"})
            call = desk.dial(menu.number)
            asked = menu.wait_for_call()
            assert (asked.branch, call.persona_place) == (None, None)
            assert "menu" in asked.persona_place
            asked.expect_persona(menu="main")
            call.press("1")
            asked.wait_for_digits("1")
            assert asked.branch == "sales"
            call.say("Hello, I call about tomorrow.")
            assert asked.expect_words("/appointment/i") == "I would like an appointment"
            call.hang_up()
        """,
    )
    result.assert_outcomes(passed=1)


def test_errors_and_failed_waits_say_what_the_server_says(server: dict[str, Any], attached: pytest.Pytester) -> None:
    result = run(
        attached,
        server,
        """
        import pytest
        from simulator import CallError, ConfigurationError, ExpectationFailed
        from fake_daily_server import DailyError

        def test_it(sync_fake_daily, sync_phone_network):
            phone = sync_phone_network.phone("+12065550142")
            with pytest.raises(ExpectationFailed, match="Expected  .*call"):
                phone.wait_for_call(within=0.05)
            with pytest.raises(ConfigurationError, match="another number|has this one|nearest|allowed"):
                sync_phone_network.phone("0142")
            with pytest.raises(DailyError):
                sync_phone_network.phone("+12065550142")
            with pytest.raises(AttributeError, match="no 'site'; without --daily-server"):
                sync_fake_daily.handle.site

        def test_the_timeline_is_in_the_report(sync_daily_client):
            sync_daily_client.wait_for("dialout-answered", within=0.05)
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*Expected  dialout-answered*", "*timeline of the fake Daily*"])


WAITS = """
    def test_ringing(sync_fake_daily, sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142", calls=[{"ring_ms": 60_000, "then": "answer"}])
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        sync_daily_client.wait_for("dialout-connected")
        sync_daily_client.wait_for("dialout-answered", within=0.05)

    def test_ringing_seen_by_the_server(sync_fake_daily, sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142", calls=[{"ring_ms": 60_000, "then": "answer"}])
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        sync_daily_client.wait_for("dialout-connected")
        sync_fake_daily.wait_for("dialout-answered", within=0.05)

    def test_no_endpoint(sync_fake_daily):
        room = sync_fake_daily.create_room("plain")
        sync_fake_daily.join(room).wait_for("dialin-ready", within=0.05)

    def test_wrong_number(sync_fake_daily, sync_daily_client, sync_phone_network):
        sync_phone_network.phone("+12065550142")
        sync_daily_client.start_dialout({"phoneNumber": "+12065550143"})
        sync_daily_client.wait_for("dialout-error")
        sync_daily_client.wait_for("dialout-answered", within=0.05)

    def test_nobody_asked(sync_phone_network, sync_daily_client):
        sync_phone_network.phone("+12065550142").wait_for_call(within=0.05)
    """


def reasons(result: pytest.RunResult) -> list[str]:
    """What the failed waits of a run give as the reason."""
    return [line for line in result.stdout.lines if line.startswith("E") and "Because" in line]


def test_failed_waits_give_the_same_reasons_as_in_this_process(
    server: dict[str, Any], attached: pytest.Pytester
) -> None:
    there = run(attached, server, WAITS, "-p", "no:randomly")
    here = attached.runpytest_subprocess("-W", "error", *ASYNCIO, "-p", "no:randomly")
    for result in (here, there):
        result.assert_outcomes(failed=5)
    assert len(reasons(here)) == 5
    assert reasons(there) == reasons(here)


def test_the_stand_in_for_daily_python_joins_there(server: dict[str, Any], attached: pytest.Pytester) -> None:
    attached.makeini("[pytest]\ndaily_python = stand-in")
    result = run(
        attached,
        server,
        """
        import os

        AT_IMPORT = os.environ["DAILY_API_URL"]

        def test_it(sync_fake_daily, daily_python):
            assert AT_IMPORT == sync_fake_daily.api_url
            assert daily_python.CallClient
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_misspelt_room_property_is_refused_there(server: dict[str, Any], attached: pytest.Pytester) -> None:
    result = run(attached, server, "def test_it(sync_fake_daily): sync_fake_daily.create_room(enable_dial_out=True)")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*unknown property 'enable_dial_out'; did you mean 'enable_dialout'?*"])


def test_the_server_is_left_running_and_empty(server: dict[str, Any], attached: pytest.Pytester) -> None:
    key = {"Authorization": f"Bearer {server['api_key']}"}
    httpx.post(f"{server['api_url']}/rooms", headers=key, json={"name": "old"}).raise_for_status()
    result = run(attached, server, "def test_it(sync_fake_daily): sync_fake_daily.create_room('old')")
    result.assert_outcomes(passed=1)
    assert httpx.get(f"{server['api_url']}/rooms", headers=key).json()["total_count"] == 0


@pytest.mark.parametrize(
    ("url", "key", "says"),
    [
        ("127.0.0.1:7880", "k", "allowed: a URL such as http://127.0.0.1:7880"),
        ("http://127.0.0.1:7880", "", "--daily-server needs DAILY_API_KEY"),
    ],
)
def test_a_wrong_use_is_refused_at_once(
    url: str, key: str, says: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_API_KEY", key)
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("--daily-server", url)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert says in result.stderr.str()


def test_workers_of_xdist_are_refused(server: dict[str, Any], attached: pytest.Pytester) -> None:
    result = run(attached, server, "def test_it(): pass", "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--daily-server and -n exclude each other" in result.stderr.str()


def test_an_address_without_a_server_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_API_KEY", "k")
    pytester.makepyfile("def test_it(sync_fake_daily): pass")
    result = pytester.runpytest_subprocess("--daily-server", "http://127.0.0.1:9")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--daily-server: 'http://127.0.0.1:9' is not usable; *fake Daily that runs*"])


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_has_the_signature_of_the_one_in_this_process(name: str) -> None:
    assert inspect.signature(getattr(RemoteCall, name)) == inspect.signature(getattr(PhoneCall, name))


@pytest.mark.parametrize(
    ("remote", "local"),
    [(RemoteDaily, FakeDaily), (RemoteNetwork, Network), (RemotePhone, Phone), (RemoteRoom, RoomHandle)],
)
def test_no_method_has_a_name_of_its_own(remote: type, local: type) -> None:
    ours = {name for name, value in vars(remote).items() if not name.startswith("_") and inspect.isfunction(value)}
    assert ours - set(dir(local)) == set()
