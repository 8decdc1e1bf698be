"""What the packages show to others, and that showing it costs nothing."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

PACKAGES = ("simulator", "fake_daily_server", "scenarios")
HEAVY = ("pjsua2", "numpy", "fastapi", "uvicorn", "httpx", "websockets", "yaml", "jwt", "phonenumbers", "pydantic")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_that_is_promised_is_there(package: str) -> None:
    module = importlib.import_module(package)
    promised = getattr(module, "__all__", [])
    assert [name for name in promised if not hasattr(module, name)] == []
    assert len(set(promised)) == len(promised)


@pytest.mark.parametrize("module", [*PACKAGES, "fake_daily_server.pytest_plugin"])
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [name for name in HEAVY if name in listed] == []
