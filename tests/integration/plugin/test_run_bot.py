"""The fixtures `run_bot` and `run_program`: what fails is seen in the test, and nothing keeps pytest from ending."""

from __future__ import annotations

import pytest

ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
ENDS_WITHIN_S = 60
"""Seconds in which a run of pytest ends that would hang for ever without a bound."""


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:randomly", "-W", "error", *ASYNCIO, *options, timeout=ENDS_WITHIN_S)


IGNORES_ITS_CANCELLATION = """
    import asyncio

    async def bot():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass
"""


def test_a_test_that_fails_while_its_bot_ignores_cancellation_ends(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot=IGNORES_ITS_CANCELLATION)
    result = run(
        pytester,
        """
        import bot

        async def test_it(run_bot):
            run_bot(bot.bot())
            assert 1 == 2
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*"])


def test_children_of_a_bot_that_ignore_cancellation_are_given_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot=IGNORES_ITS_CANCELLATION)
    result = run(
        pytester,
        """
        import asyncio, bot

        async def parent():
            await asyncio.gather(bot.bot(), bot.bot())

        async def test_it(run_bot):
            started = run_bot(parent)
            assert not started.ended
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_bot_that_blocks_its_thread_is_reported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        bot="""
        import time

        def bot():
            time.sleep(3600)
        """
    )
    result = run(
        pytester,
        """
        import bot

        def test_it(run_bot):
            run_bot(bot.bot)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*it blocks its thread*"])


LIKE_DAILY_PYTHON = {
    "__init__.py": "class Daily: ...",
    "daily.abi3.so": "",
}
"""The files by which daily-python is recognised: a package with the compiled module `daily.daily`."""

BOT_OF_DAILY_PYTHON = """
    import asyncio

    async def bot():
        from daily import Daily
        await asyncio.sleep(60)
"""


@pytest.mark.parametrize("imported", ["at the top", "by the bot"])
def test_a_bot_that_would_use_daily_python_is_refused(imported: str, pytester: pytest.Pytester) -> None:
    package = pytester.mkdir("daily")
    for name, text in LIKE_DAILY_PYTHON.items():
        (package / name).write_text(text)
    pytester.makepyfile(bot=BOT_OF_DAILY_PYTHON)
    source = f"""
        {"import daily" if imported == "at the top" else ""}
        import bot

        async def test_it(run_bot, fake_daily):
            run_bot(bot.bot())
            await fake_daily.wait_for("dialin-ready", within=30)
        """
    refused = run(pytester, source)
    refused.assert_outcomes(failed=1)
    refused.stdout.fnmatch_lines(["*ConfigurationError: import daily: *`daily_python = stand-in` to pytest.ini*"])
    refused.stdout.no_fnmatch_line("*Expected*")


@pytest.mark.parametrize("use", ["ini option", "fixture", "own package"])
def test_a_bot_that_uses_the_stand_in_or_an_own_package_runs(use: str, pytester: pytest.Pytester) -> None:
    package = pytester.mkdir("daily")
    for name, text in LIKE_DAILY_PYTHON.items():
        if use != "own package" or name == "__init__.py":
            (package / name).write_text(text)
    pytester.makepyfile(bot="async def bot():\n    from daily import Daily\n    return 'has run'")
    source = f"""
        import bot

        async def test_it(run_bot{", daily_python" if use == "fixture" else ""}):
            assert await run_bot(bot.bot()).wait_for_end() == "has run"
        """
    run(pytester, source, *(("-o", "daily_python=stand-in") if use == "ini option" else ())).assert_outcomes(passed=1)


CRASHES = """
    import asyncio

    async def bot(number):
        await asyncio.sleep(0)
        return int(number)
"""


@pytest.mark.parametrize("form", ["async", "plain", "anyio", "trio"])
def test_a_wait_raises_the_exception_of_a_bot_that_crashes(form: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot=CRASHES)
    sources = {
        "async": """
            import bot

            async def test_it(run_bot, phone_network):
                anna = await phone_network.phone("+12065550142")
                run_bot(bot.bot(anna.name + "?"))
                await anna.wait_for_call(within=30)
            """,
        "plain": """
            import bot

            def test_it(sync_run_bot, sync_phone_network):
                anna = sync_phone_network.phone("+12065550142")
                sync_run_bot(bot.bot, anna.name + "?")
                anna.wait_for_call(within=30)
            """,
    }
    sources["anyio"] = sources["trio"] = f"""
            import anyio, bot

            async def story(run_bot, phone_network):
                anna = await phone_network.phone("+12065550142")
                run_bot(bot.bot(anna.name + "?"))
                await anna.wait_for_call(within=30)

            def test_it(run_bot, phone_network):
                anyio.run(story, run_bot, phone_network, backend={"trio" if form == "trio" else "asyncio"!r})
            """
    result = run(pytester, sources[form])
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*anna.wait_for_call(within=30)*", "*return int(number)*", "*ValueError: invalid literal*+12065550142?*"]
    )
    result.stdout.no_fnmatch_line("*Expected*")


def test_a_crash_that_no_wait_has_raised_is_an_error_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot=CRASHES)
    result = run(
        pytester,
        """
        import asyncio, bot

        async def test_it(run_bot):
            started = run_bot(bot.bot, "x")
            while not started.ended:
                await asyncio.sleep(0.01)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*return int(number)*", "*ValueError*"])


def test_an_expected_crash_is_raised_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot=CRASHES)
    result = run(
        pytester,
        """
        import bot, pytest

        async def test_it(run_bot, phone_network):
            with pytest.raises(ValueError, match="invalid literal"):
                await run_bot(bot.bot("x")).wait_for_end()
            await phone_network.phone("+12065550142")
            assert await run_bot(bot.bot("7")).wait_for_end() == 7

        async def test_exits(run_bot):
            from simulator import ProgramFailed
            with pytest.raises(ProgramFailed, match=r"SystemExit\\(2\\)"):
                await run_bot(exit, 2).wait_for_end()

        async def test_runs_on(run_bot):
            import asyncio
            from simulator import ExpectationFailed
            async def listens():
                await asyncio.sleep(60)
            with pytest.raises(ExpectationFailed, match="in listens"):
                await run_bot(listens).wait_for_end(within=0.2)
        """,
    )
    result.assert_outcomes(passed=3)


def test_a_wait_raises_the_failure_of_a_program_with_its_output(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(bot="print('starts', flush=True)\nimport os\nos.environ['NO_SUCH_VARIABLE']")
    result = run(
        pytester,
        """
        import sys

        def test_it(sync_run_program, sync_phone_network):
            anna = sync_phone_network.phone("+12065550142")
            sync_run_program(sys.executable, "bot.py")
            anna.wait_for_call(within=30)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ProgramFailed: *bot.py has ended with status 1*", "*starts*", "*KeyError*"])


def test_a_wait_for_the_url_of_a_program_that_fails_at_its_start_ends_with_its_output(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(server="print('starts', flush=True)\nimport no_such_module")
    result = run(
        pytester,
        """
        import pytest, sys
        from simulator import ProgramFailed

        def test_it(sync_run_program, free_tcp_port):
            program = sync_run_program(sys.executable, "server.py")
            program.wait_for_url(f"http://localhost:{free_tcp_port}/", within=3600)

        async def test_awaited(run_program, free_tcp_port):
            with pytest.raises(ProgramFailed, match="no_such_module"):
                await run_program(sys.executable, "server.py").wait_for_url(f"http://localhost:{free_tcp_port}/")
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*ProgramFailed: *server.py has ended with status 1*", "*starts*", "*no_such_module*"])


def test_a_wait_for_a_url_ends_when_the_program_serves_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest, sys, urllib.error, urllib.request
        from simulator import ConfigurationError, ExpectationFailed

        @pytest.fixture
        def server(sync_run_program, free_tcp_port):
            words = sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(free_tcp_port)
            return sync_run_program(*words)

        def test_it(server, free_tcp_port):
            server.wait_for_url(f"http://localhost:{free_tcp_port}/")
            urllib.request.urlopen(f"http://localhost:{free_tcp_port}/").close()

        def test_another_path(server, free_tcp_port):
            server.wait_for_url(f"http://localhost:{free_tcp_port}/")
            with pytest.raises(ExpectationFailed, match="the latest answer was 404"):
                server.wait_for_url(f"http://localhost:{free_tcp_port}/nothing", within=2)

        def test_ends(sync_run_program, free_tcp_port):
            with pytest.raises(ExpectationFailed, match="it has ended with status 0"):
                sync_run_program("echo", "done").wait_for_url(f"http://localhost:{free_tcp_port}/")

        def test_does_not_listen(sync_run_program, free_tcp_port):
            with pytest.raises(ExpectationFailed, match="no answer"):
                sync_run_program("sleep", "60").wait_for_url(f"http://localhost:{free_tcp_port}/", within=2)

        @pytest.mark.parametrize("url", ["http://example.com/", "localhost:80"])
        def test_elsewhere(url, sync_run_program):
            with pytest.raises(ConfigurationError, match="an HTTP URL of this machine"):
                sync_run_program("sleep", "60").wait_for_url(url)
        """,
    )
    result.assert_outcomes(passed=6)


def test_a_program_is_ended_with_its_children_and_gets_its_variables(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        bot="""
        import os, signal, subprocess, sys

        signal.signal(signal.SIGTERM, signal.SIG_IGN) if "STUBBORN" in os.environ else None
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        print(os.environ["DAILY_API_URL"], child.pid, flush=True)
        child.wait()
        """
    )
    result = run(
        pytester,
        """
        import pytest, sys, time

        pids = []

        def started(run_program, **env):
            program = run_program(sys.executable, "bot.py", env=env)
            while "\\n" not in program.output:
                time.sleep(0.01)
            return program

        def test_it(run_program, fake_daily):
            url, pid = started(run_program).output.split()
            assert url == fake_daily.api_url
            pids.append(int(pid))

        def test_stubborn(run_program):
            pids.append(int(started(run_program, STUBBORN="1").output.split()[1]))

        async def test_ends(run_program):
            assert await run_program("echo", "done").wait_for_end() == "done\\n"

        @pytest.mark.parametrize("at", [0, 1])
        def test_children(at):
            import pathlib
            status = pathlib.Path(f"/proc/{pids[at]}/status")
            assert not status.exists() or "Z" in status.read_text()
        """,
    )
    result.assert_outcomes(passed=5)


def test_a_blocking_form_in_a_running_event_loop_is_refused(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        async def test_it(sync_phone_network):
            sync_phone_network.phone("+12065550142")

        async def test_in_a_thread(sync_phone_network):
            import asyncio
            await asyncio.to_thread(sync_phone_network.phone, "+12065550142")
        """,
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*BlockedLoop: SyncNetwork.phone would block*`await` Network.phone*"])


def test_waits_for_the_output_and_the_port_of_a_program(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest, sys
        from simulator import ExpectationFailed, ProgramFailed

        def test_output(sync_run_program):
            program = sync_run_program("sh", "-c", "echo starts; echo port 7 >&2; sleep 60")
            assert program.wait_for_output("/^port [0-9]$/") == "port 7"
            assert program.wait_for_output("start") == "starts"
            with pytest.raises(ExpectationFailed, match="(?s)prints nothing  within 0.2 s.*starts"):
                program.wait_for_output("nothing", within=0.2)

        def test_silent(sync_run_program):
            with pytest.raises(ExpectationFailed, match="has printed nothing"):
                sync_run_program("sleep", "60").wait_for_output("x", within=0.2)

        def test_ends(sync_run_program):
            assert sync_run_program("echo", "done").wait_for_output("done") == "done"
            with pytest.raises(ExpectationFailed, match="it has ended with status 0"):
                sync_run_program("true").wait_for_output("done", within=60)
            with pytest.raises(ProgramFailed, match="false has ended with status 1"):
                sync_run_program("false").wait_for_port(1, within=60)

        def test_port(sync_run_program, free_tcp_port):
            words = sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(free_tcp_port)
            sync_run_program(*words).wait_for_port(free_tcp_port)
            with pytest.raises(ExpectationFailed, match="listens on port 1  within 0.2 s"):
                sync_run_program("sleep", "60").wait_for_port(1, within=0.2)
        """,
    )
    result.assert_outcomes(passed=4)
