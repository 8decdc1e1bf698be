"""A test that calls an async method of its fixtures without `await` fails, and says once what to do."""

from __future__ import annotations

import pytest

from tests.integration.plugin.test_plugin import ASYNCIO

LOOSE = ("-p", "no:randomly", *ASYNCIO)


@pytest.fixture(autouse=True)
def whole_summary_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pytest not cut its summary to the width of the terminal."""
    monkeypatch.setenv("COLUMNS", "400")


def failure(pytester: pytest.Pytester, source: str, *options: str) -> str:
    """Run a test that has to fail; return what pytest printed."""
    pytester.makepyfile(source)
    result = pytester.runpytest_subprocess(*LOOSE, *options)
    result.assert_outcomes(failed=1, warnings=0)
    return result.stdout.str()


def summary(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith("FAILED")]
    return line.partition(" - ")[2]


@pytest.mark.parametrize("options", [(), ("-W", "error"), ("-W", "ignore")])
def test_a_wait_that_was_not_awaited_fails_the_test(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    output = failure(
        pytester,
        """
        async def test_it(daily_client):
            daily_client.wait_for("dialout-answered")
        """,
        *options,
    )
    assert "Client.wait_for was called without `await`, so nothing was done: put `await` in front" in summary(output)
    assert "was never awaited" not in output


def test_the_result_of_a_call_that_was_not_awaited(pytester: pytest.Pytester) -> None:
    output = failure(
        pytester,
        """
        async def test_it(fake_daily):
            room = fake_daily.create_room()
            print(room.url)
        """,
    )
    assert summary(output).startswith("FakeDaily.create_room was called without `await`, so nothing was done: ")
    assert "'coroutine' object has no attribute 'url'" in output
    assert "was never awaited" not in output


def test_an_argument_that_was_not_awaited(pytester: pytest.Pytester) -> None:
    output = failure(
        pytester,
        """
        async def test_it(fake_daily):
            await fake_daily.join(fake_daily.create_room())
        """,
    )
    assert summary(output).startswith("FakeDaily.create_room was called without `await`")
    assert "was never awaited" not in output


def test_a_plain_test_is_led_to_the_blocking_fixture(pytester: pytest.Pytester) -> None:
    output = failure(
        pytester,
        """
        def test_it(phone_network):
            phone = phone_network.phone("+12065550142")
            assert phone.number == "+12065550142"
        """,
    )
    assert summary(output) == (
        "Network.phone was called without `await`, so nothing was done: "
        "in a test that is no `async def`, use the fixture sync_phone_network, whose methods block"
    )


def test_several_calls_are_named_once_each(pytester: pytest.Pytester) -> None:
    output = failure(
        pytester,
        """
        async def test_it(fake_daily, phone_network):
            phone_network.phone("+12065550142")
            phone_network.phone("+12065550143")
            fake_daily.create_room()
            fake_daily.wait_for("dialin-ready")
        """,
    )
    assert summary(output).count("was called without") == 3
    assert "FakeDaily.wait_for was called without" in summary(output)


def test_another_failure_keeps_its_own_words(pytester: pytest.Pytester) -> None:
    output = failure(
        pytester,
        """
        async def test_it(daily_client):
            await daily_client.wait_for("dialout-answered", within=0.1)
        """,
    )
    assert "await`" not in output
    assert "nobody" in summary(output)


def test_coroutines_of_the_project_itself_are_left_to_python(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        class Client:
            async def fetch(self): ...

        async def test_it(fake_daily):
            Client().fetch()
        """
    )
    result = pytester.runpytest_subprocess(*LOOSE)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*coroutine 'Client.fetch' was never awaited*"])
