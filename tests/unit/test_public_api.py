"""What the packages show to others, and that naming a package costs nothing."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("simulator", "fake_daily_server", "scenarios")
PUBLIC = ("simulator", "fake_daily_server")
HEAVY = ("pjsua2", "numpy", "fastapi", "uvicorn", "httpx", "websockets", "yaml", "jwt", "phonenumbers", "pydantic")


def declared(package: str) -> dict[str, str]:
    """What type checkers see in the package's root: the module that each public name comes from."""
    root = ast.parse(Path(importlib.import_module(package).__file__ or "").read_text())
    (checked,) = (node for node in root.body if isinstance(node, ast.If))
    imports = [node for node in checked.body if isinstance(node, ast.ImportFrom)]
    return {name.name: node.module or "" for node in imports for name in node.names}


@pytest.mark.parametrize("package", PUBLIC)
def test_type_checkers_see_the_names_that_are_promised(package: str) -> None:
    assert sorted(declared(package)) == importlib.import_module(package).__all__


@pytest.mark.parametrize("package", PUBLIC)
def test_every_promised_name_is_the_object_that_type_checkers_see(package: str) -> None:
    root = importlib.import_module(package)
    for name, module in declared(package).items():
        assert getattr(root, name) is getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_class_and_its_public_members_are_documented(package: str) -> None:
    root = importlib.import_module(package)
    undocumented = [
        f"{name}.{member}"
        for name in root.__all__
        if not name.startswith("Sync")  # written from the classes that are looked at
        for member, value in vars(getattr(root, name)).items()
        if not member.startswith("_")
        and (callable(value) or isinstance(value, property))
        and not (value.__doc__ or getattr(getattr(value, "fget", None), "__doc__", ""))
    ]
    assert undocumented == []


def test_a_name_that_is_not_public_is_refused_with_those_that_are() -> None:
    with pytest.raises(ImportError, match="cannot import name 'FakeDayly' from 'fake_daily_server'"):
        exec("from fake_daily_server import FakeDayly")
    with pytest.raises(AttributeError, match=r"no attribute 'Telephone'; public: .*Network, NoRoute, Phone"):
        _ = importlib.import_module("simulator").Telephone


@pytest.mark.parametrize("module", [*PACKAGES, "fake_daily_server.pytest_plugin"])
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [name for name in HEAVY if name in listed] == []
