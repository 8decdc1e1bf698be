"""Personas of the user's own: in a setting, in the ini option of pytest, and beside a story."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

PERSONA = "about: Hangs up.\ncalled: [answer, hang_up]\n"


async def test_a_server_takes_folders_in_a_setting(tmp_path: Path) -> None:
    (tmp_path / "rude.yaml").write_text(PERSONA)
    async with FakeDaily(Settings(port=0, sip_port=0, personas=(tmp_path,))) as daily:
        caller = await daily.network.phone("+12065550142")
        call = await caller.dial("sip:rude@numbers.test")
        assert (await call.wait_for_end()).by == "remote"


def test_pytest_takes_folders_in_its_ini_option(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("far_ends")
    (folder / "rude.yaml").write_text(PERSONA)
    pytester.makeini("[pytest]\ndaily_personas = far_ends\n")
    pytester.makepyfile(
        """
        def test_it(sync_phone_network):
            sync_phone_network.phone("+12065550143", persona="rude")
            call = sync_phone_network.phone("+12065550142").dial("+12065550143")
            assert call.wait_for_end().by == "remote"
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
