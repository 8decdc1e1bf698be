"""A Pipecat bot that is stopped while it starts swallows its cancellation; the run of pytest ends all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.interop("pipecat")
ROOT = Path(__file__).parents[3]


def test_a_test_that_fails_right_after_its_bot_has_started_ends(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        sys.path.insert(0, {str(ROOT)!r})
        from pipecat.runner.types import DailyRunnerArguments
        from tests.interop.pipecat.bots.dial_out import bot

        BODY = {{"dialout_settings": {{"phone_number": "+12065550142"}}}}

        async def test_it(run_bot, daily_room, fake_daily):
            arguments = DailyRunnerArguments(room_url=daily_room.url, token=daily_room.owner_token, body=BODY)
            run_bot(bot(arguments))
            await fake_daily.wait_for("dialin-redy")
        """
    )
    result = pytester.runpytest_subprocess(
        *("-p", "no:randomly", "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"),
        *("-o", "daily_python=stand-in", "-W", "ignore"),
        timeout=90,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*did you mean 'dialin-ready'*"])
