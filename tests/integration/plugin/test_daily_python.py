"""The stand-in for daily-python in other projects: each test writes and runs a separate project."""

from __future__ import annotations

import pytest

ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
STAND_IN = ("-o", "daily_python=stand-in")

BOT = """
    import os

    from daily import CallClient, EventHandler

    API_URL = os.getenv("DAILY_API_URL")
    API_KEY = os.getenv("DAILY_API_KEY")


    def join_and_leave(url, token):
        from threading import Event

        joined, left = Event(), Event()
        client = CallClient(EventHandler())
        client.join(url, token, completion=lambda data, error: joined.set())
        assert joined.wait(30)
        client.leave(completion=lambda error: left.set())
        assert left.wait(30)
        client.release()
"""


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source, bot=BOT)
    return pytester.runpytest_subprocess("-W", "error", *ASYNCIO, *options)


def test_the_fixture_lets_a_test_import_a_bot(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import os, sys

        def test_the_bot_joins(daily_python, sync_fake_daily, daily_room):
            import bot

            bot.join_and_leave(daily_room.url, daily_room.owner_token)
            assert sys.modules["daily"] is daily_python
            assert bot.API_URL == sync_fake_daily.api_url
            assert bot.API_KEY == sync_fake_daily.api_key

        def test_afterwards_it_is_gone():
            assert "daily" not in sys.modules
            assert "DAILY_API_URL" not in os.environ
        """,
    )
    result.assert_outcomes(passed=2)


def test_the_ini_option_lets_test_modules_import_a_bot_at_their_top(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import bot

        def test_the_bot_joins(sync_fake_daily, daily_room):
            bot.join_and_leave(daily_room.url, daily_room.owner_token)
            assert bot.API_URL == sync_fake_daily.api_url
            assert bot.API_KEY == sync_fake_daily.api_key
        """,
        *STAND_IN,
    )
    result.assert_outcomes(passed=1)


def test_the_ini_option_lets_a_conftest_import_a_bot(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import bot")
    result = run(pytester, "def test_it(daily_python): assert daily_python.CallClient", *STAND_IN)
    result.assert_outcomes(passed=1)


def test_each_xdist_worker_has_its_own_address(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import bot, pytest

        @pytest.mark.parametrize("time", range(2))
        def test_the_bot_joins(sync_fake_daily, daily_room, time):
            bot.join_and_leave(daily_room.url, daily_room.owner_token)
            assert bot.API_URL == sync_fake_daily.api_url
        """,
        *STAND_IN,
        "-n",
        "2",
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("@pytest.mark.daily_python(pacing='fast')", id="on the test"),
        pytest.param("pytestmark = pytest.mark.daily_python(pacing='fast')\n", id="on the module"),
    ],
)
def test_the_marker_works_without_the_fixture(pytester: pytest.Pytester, where: str) -> None:
    pytester.makepyfile(
        f"import os, pytest\n{where}\ndef test_it():\n"
        "    import daily\n    assert daily.CallClient\n    assert os.environ['DAILY_SIM_PACING'] == 'fast'\n"
    )
    pytester.runpytest_subprocess("-W", "error", "--strict-markers", *ASYNCIO).assert_outcomes(passed=1)


def test_the_marker_on_a_class_applies_to_its_methods(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.daily_python
        class TestBot:
            async def test_it(self):
                import daily

                assert daily.CallClient
        """,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "says"),
    [("daily_python(pacing='slow')", "*pacing: 'slow'*real-time or fast*"), ("daily_python(room=1)", "*takes only*")],
)
def test_a_marker_with_invalid_arguments_is_refused(pytester: pytest.Pytester, marker: str, says: str) -> None:
    result = run(pytester, f"import pytest\n@pytest.mark.{marker}\ndef test_it(): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([says])


def test_an_invalid_ini_value_is_refused(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(): pass", "-o", "daily_python=yes")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*daily_python: 'yes'*stand-in*"])


@pytest.mark.parametrize(
    ("takes", "gives"),
    [
        pytest.param("", "Settings(port=0, sip_port=0, domain='acme')", id="made anew"),
        pytest.param(
            "fake_daily_settings", "fake_daily_settings.model_copy(update={'domain': 'acme'})", id="built on the given"
        ),
    ],
)
def test_settings_of_the_project_get_the_reserved_address(pytester: pytest.Pytester, takes: str, gives: str) -> None:
    pytester.makeconftest(
        f"""
        import pytest
        from fake_daily_server.settings import Settings

        @pytest.fixture(scope="session")
        def fake_daily_settings({takes}):
            return {gives}
        """
    )
    result = run(
        pytester,
        """
        import bot

        def test_it(sync_fake_daily):
            assert sync_fake_daily.domain == "acme"
            assert (bot.API_URL, bot.API_KEY) == (sync_fake_daily.api_url, sync_fake_daily.api_key)
        """,
        *STAND_IN,
    )
    result.assert_outcomes(passed=1)


def test_settings_with_another_key_are_refused(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from fake_daily_server.settings import Settings

        @pytest.fixture(scope="session")
        def fake_daily_settings():
            return Settings(port=0, sip_port=0, api_key="secret")
        """
    )
    result = run(pytester, "def test_it(fake_daily): pass", *STAND_IN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fake_daily_settings.api_key: 'secret'*already use*model_copy*"])


UNRELEASED = """
    import daily, pytest
    from threading import Event

    def join(room):
        joined = Event()
        client = daily.CallClient()
        client.set_user_name("Forgetful bot")
        client.join(room.url, room.owner_token, completion=lambda data, error: joined.set())
        assert joined.wait(30)
        return client

    @pytest.mark.daily_python
    def test_unreleased(daily_room):
        globals()["client"] = join(daily_room)

    @pytest.mark.daily_python
    def test_leaving_without_waiting_for_it(daily_room):
        globals()["other"] = join(daily_room)
        other.leave()

    def test_the_first_one_was_released():
        with pytest.raises(RuntimeError, match="already been released"):
            client.leave()
        other.release()
"""


def test_a_bot_that_has_not_left_is_released_with_a_warning(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNRELEASED)
    result = pytester.runpytest_subprocess(*ASYNCIO, *STAND_IN)
    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines(["*test_unreleased*", "*'Forgetful bot' was still in its room*wait_until_empty*"])


def test_with_the_ini_option_a_bot_that_has_not_left_is_released_with_a_warning(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNRELEASED.replace("@pytest.mark.daily_python", ""))
    pytester.makeini("[pytest]\ndaily_python = stand-in")
    result = pytester.runpytest_subprocess(*ASYNCIO)
    result.assert_outcomes(passed=3, warnings=1)
    result.stdout.fnmatch_lines(["*'Forgetful bot' was still in its room*"])


def test_the_warning_can_be_turned_into_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNRELEASED)
    pytester.makeini(
        """
        [pytest]
        daily_python = stand-in
        filterwarnings = error::fake_daily_server.clients.pytest_plugin.StillInTheCall
        """
    )
    pytester.runpytest_subprocess(*ASYNCIO).assert_outcomes(passed=3, errors=1)
