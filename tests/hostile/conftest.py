"""The server of the hostile tests listens where `make attack` wants it to."""

from __future__ import annotations

import pytest

from fake_daily_server.settings import Settings
from tests.hostile.profile import HOST


@pytest.fixture(scope="session")
def fake_daily_settings() -> Settings:
    return Settings(host=HOST, port=0, sip_port=0)
