"""The fixtures as other projects use them: each test writes and runs a project of its own."""

from __future__ import annotations

import pytest

ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
QUIET = ("-p", "no:randomly", "-W", "error")


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess(*QUIET, *ASYNCIO, *options)


def test_each_test_starts_with_an_empty_daily(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("time", range(3))
        def test_it(sync_fake_daily, sync_phone_network, time):
            assert sync_phone_network.phones == []
            assert sync_fake_daily.events() == []
            sync_phone_network.phone("+12065550142")
            sync_fake_daily.create_room("demo", enable_dialout=True)
            client = sync_fake_daily.join("demo")
            client.start_dialout({"phoneNumber": "+12065550142"})
            client.wait_for("dialout-answered")  # and is left like this
        """,
    )
    result.assert_outcomes(passed=3)


def test_plain_asyncio_anyio_and_trio_tests_share_a_session(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        def test_plain(sync_daily_client, sync_phone_network):
            sync_phone_network.phone("+12065550142", calls="busy")
            sync_daily_client.start_dialout({"phoneNumber": "+12065550142"})
            assert "486" in sync_daily_client.wait_for("dialout-error")["errorMsg"]

        async def story(client, network):
            phone = await network.phone("+12065550142")
            session_id = await client.start_dialout({"phoneNumber": "+12065550142"})
            call = await phone.wait_for_call()
            await call.wait_answered()
            await call.press("1")
            await client.wait_for("dtmf-event", where={"sessionId": session_id, "tone": "1"})

        async def test_asyncio(daily_client, phone_network):
            await story(daily_client, phone_network)

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
        def test_anyio(anyio_backend, daily_client, phone_network):
            import anyio
            anyio.run(story, daily_client, phone_network, backend=anyio_backend)
        """,
    )
    result.assert_outcomes(passed=4)


def test_xdist_workers_do_not_share_a_daily(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("time", range(6))
        def test_it(sync_daily_client, sync_phone_network, time):
            sync_phone_network.phone("+12065550142")
            sync_daily_client.start_dialout({"phoneNumber": "+12065550142"})
            sync_daily_client.wait_for("dialout-answered")
        """,
        "-n",
        "2",
    )
    result.assert_outcomes(passed=6)


def test_settings_and_the_room_can_be_overridden(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from fake_daily_server.settings import Settings

        @pytest.fixture(scope="session")
        def fake_daily_settings():
            return Settings(port=0, sip_port=0, domain="acme", api_key="secret")

        @pytest.fixture
        def daily_room(fake_daily):
            return fake_daily.owner_loop.call(fake_daily.create_room("lobby"))
        """
    )
    result = run(
        pytester,
        """
        def test_it(sync_fake_daily, sync_daily_client, daily_room):
            assert sync_fake_daily.api_key == "secret"
            assert sync_fake_daily.domain == "acme"
            assert daily_room.url.endswith("/lobby")
            assert sync_daily_client.room_url == daily_room.url
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_failed_wait_lists_what_happened_instead(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_it(sync_daily_client, sync_phone_network):
            phone = sync_phone_network.phone("+12065550142", calls=[{"ring_ms": 10_000, "then": "answer"}])
            sync_daily_client.start_dialout({"phoneNumber": "+12065550142"})
            sync_daily_client.wait_for("dialout-answered", within=0.3)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Expected  dialout-answered*within 0.3 s*",
            "*Nearest*dialout-connected*",
            "*Because*rings for 10 s as planned*ring_ms*",
            "*timeline of the fake Daily*",
            "*phone*rings*",
        ]
    )


FAILS = """
    import pytest

    async def test_it(daily_client, phone_network):
        phone = await phone_network.phone("+12065550177")
        await daily_client.send_app_message({"label": "rtvi-ai", "type": "bot-ready"})
        await daily_client.start_dialout({"phoneNumber": "+12065550717"})
        await daily_client.wait_for("dialout-error")
        await phone.wait_for_call(within=0.1)
    """


def test_the_report_of_a_failed_wait_is_short_and_begins_with_the_reason(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # pytest cuts its summary to the width of the terminal
    result = run(pytester, FAILS)
    result.assert_outcomes(failed=1)
    reason = "+12065550717 was dialled, which no phone has (404 Not Found)"
    result.stdout.fnmatch_lines(
        [
            "*await phone.wait_for_call(within=0.1)*",
            "*Expected*is called*",
            f"*Because*{reason}*",
            "*timeline of*",
            "*client *startDialOut +12065550717*",
            "*event *dialout-error*",
            f"FAILED *::test_it - {reason}*",
        ]
    )
    shown = result.stdout.str()
    assert "Happened" not in shown, "the account has the same records"
    assert "app-message" not in shown
    assert "participant-counts-updated" not in shown
    assert "owner_loop.py" not in shown
    assert "simulator/phone.py" not in shown


def test_all_frames_are_shown_on_request(pytester: pytest.Pytester) -> None:
    assert "simulator/phone.py" in run(pytester, FAILS, "--full-trace").stdout.str()


def test_an_error_of_our_own_is_shown_with_its_frames(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        async def test_it(fake_daily):
            await fake_daily.advance_clock("soon")
        """,
    )
    assert "domain/clock.py" in result.stdout.str()


def test_a_failed_wait_of_a_phone_says_why(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_it(sync_fake_daily, sync_phone_network):
            phone = sync_phone_network.phone("+12065550142")
            room = sync_fake_daily.create_room(sip={"sip_mode": "dial-in"})
            call = phone.dial(room.sip_uris[0])
            call.wait_answered()
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Expected*the call is answered*", "*Because*480*"])


def test_an_unused_plugin_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import sys

        def test_it():
            heavy = {"fastapi", "uvicorn", "pydantic", "numpy", "websockets", "simulator.network", "pjsua2"}
            assert heavy.isdisjoint(sys.modules)
        """,
        "-p",
        "no:anyio",
    )
    result.assert_outcomes(passed=1)
