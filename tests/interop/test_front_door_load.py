"""300 INVITEs in two seconds from SIPp's stock caller: each gets a final response and no worker crashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.front_door import sipp
from tests.integration.front_door.front_door_with_workers import FrontDoorWithWorkers


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize("length_ms", [100, 0])
async def test_300_invites_in_two_seconds_all_get_a_final_response(
    tmp_path: Path, length_ms: int, transport: str
) -> None:
    async with FrontDoorWithWorkers(4) as setup:
        outcome = await sipp.run(
            tmp_path,
            setup.front_door.address,
            *("-sn", "uac", "-m", "300", "-r", "150", "-d", str(length_ms), "-t", transport),
        )
        assert setup.crashes == []
        assert outcome.successful + outcome.unexpected == 300, outcome.screen
        assert outcome.failed == outcome.unexpected == setup.refusals(503), outcome.screen
        assert outcome.successful >= 150, outcome.screen


@pytest.mark.interop("sipp")
async def test_a_burst_that_one_worker_cannot_take_is_refused_with_503(tmp_path: Path) -> None:
    async with FrontDoorWithWorkers(1) as setup:
        outcome = await sipp.run(
            tmp_path, setup.front_door.address, "-sn", "uac", "-m", "300", "-r", "300", "-d", "0", "-l", "300"
        )
        assert setup.crashes == []
        assert outcome.successful + setup.refusals(503) == 300, outcome.screen
        assert outcome.successful >= 25, outcome.screen
        after = await sipp.run(tmp_path, setup.front_door.address, "-sn", "uac", "-m", "5", "-r", "10", "-d", "20")
        assert after.code == 0, after.screen
