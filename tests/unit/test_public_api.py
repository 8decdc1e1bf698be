"""What the packages show to others, and that naming a package costs nothing."""

from __future__ import annotations

import ast
import builtins
import collections.abc
import importlib
import inspect
import pathlib
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("simulator", "fake_daily_server", "scenarios")
PUBLIC = ("simulator", "fake_daily_server")
INTERNAL = {
    "AudioLine",
    "DestinationGroup",
    "DigitUpdate",
    "Format",
    "OwnerLoop",
    "Positions",
    "RelayPath",
    "RoomStore",
    "Side",
    "UserAgent",
    "WorkerSettings",
}
"""Parts of this project that the handles give to each other; users do not need their names."""
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


def returned(package: str) -> Iterator[tuple[str, str]]:
    """The verbs and properties of the public classes, each with the names of the classes that it returns."""
    root = importlib.import_module(package)
    for name in root.__all__:
        for member, value in vars(getattr(root, name)).items():
            function = value.fget if isinstance(value, property) else inspect.unwrap(value) if callable(value) else None
            annotation = getattr(function, "__annotations__", {}).get("return")
            if not member.startswith("_") and isinstance(annotation, str):
                yield from ((f"{name}.{member}", found) for found in re.findall(r"\b[A-Z]\w+", annotation))


@pytest.mark.parametrize("package", PUBLIC)
def test_what_public_verbs_return_is_public(package: str) -> None:
    public = {name for each in PUBLIC for name in importlib.import_module(each).__all__}
    known = public | INTERNAL | {*dir(builtins), *dir(typing), *dir(collections.abc), *dir(pathlib)}
    assert [f"{verb} returns {name}" for verb, name in returned(package) if name not in known] == []


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
