"""A sandbox at an address that other machines reach: its token, its cookie, and that nothing leaves the machine."""

from __future__ import annotations

import sys

import pytest

from tests.interop.namespaces.isolated_machine import ADDRESS, IsolatedMachine

pytestmark = pytest.mark.interop("ip")


def test_the_page_opens_with_its_token_alone_and_nothing_keeps_the_token() -> None:
    with IsolatedMachine() as machine:
        machine.run(sys.executable, "-m", "tests.interop.namespaces.sandbox_access", ADDRESS, within=60)
        assert machine.take_packets() == []
