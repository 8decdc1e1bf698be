"""300 INVITEs in two seconds from SIPp's stock caller: each gets a proper final response and no worker dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.front_door import sipp
from tests.integration.front_door.house import House


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize("length_ms", [100, 0])
async def test_300_invites_in_two_seconds(tmp_path: Path, length_ms: int, transport: str) -> None:
    async with House(4) as house:
        outcome = await sipp.run(
            tmp_path,
            house.door.address,
            *("-sn", "uac", "-m", "300", "-r", "150", "-d", str(length_ms), "-t", transport),
        )
        assert house.crashes == []
        assert outcome.successful + outcome.unexpected == 300, outcome.screen
        assert outcome.failed == outcome.unexpected == house.refusals(503), outcome.screen
        assert outcome.successful >= 150, outcome.screen


@pytest.mark.interop("sipp")
async def test_a_burst_beyond_what_one_worker_can_bear(tmp_path: Path) -> None:
    async with House(1) as house:
        outcome = await sipp.run(
            tmp_path, house.door.address, "-sn", "uac", "-m", "300", "-r", "300", "-d", "0", "-l", "300"
        )
        assert house.crashes == []
        assert outcome.successful + house.refusals(503) == 300, outcome.screen
        assert outcome.successful >= 25, outcome.screen
        after = await sipp.run(tmp_path, house.door.address, "-sn", "uac", "-m", "5", "-r", "10", "-d", "20")
        assert after.code == 0, after.screen
