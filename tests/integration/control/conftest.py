from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_daily_server.server import FakeDaily
from tests.integration.control.sim import Sim


@pytest.fixture
def sim(fake_daily: FakeDaily) -> Iterator[Sim]:
    sim = Sim(fake_daily)
    yield sim
    sim.http.close()
