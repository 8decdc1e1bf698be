"""The fixture `daily_environment`: a bot in a process of its own."""

from __future__ import annotations

import pytest


def test_a_bot_in_another_process_joins_the_room(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        bot="""
            import os, sys

            from daily import CallClient

            client = CallClient()
            print(os.environ["DAILY_API_URL"], os.environ["DAILY_API_KEY"], CallClient.__module__)
            client.join(sys.argv[1], sys.argv[2], completion=lambda *_: client.leave())
            sys.stdin.read()
            client.release()
        """
    )
    pytester.makepyfile(
        """
        import subprocess, sys

        def test_it(daily_environment, sync_fake_daily, daily_room):
            command = [sys.executable, "bot.py", daily_room.url, daily_room.owner_token]
            with subprocess.Popen(command, env=daily_environment, stdin=-1, stdout=-1, text=True) as process:
                sync_fake_daily.wait_for("participant-joined", room=daily_room)
                said, _ = process.communicate()
            assert said.split() == [sync_fake_daily.api_url, sync_fake_daily.api_key, "daily"]
            assert process.returncode == 0
        """
    )
    pytester.runpytest_subprocess("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function").assert_outcomes(
        passed=1
    )
