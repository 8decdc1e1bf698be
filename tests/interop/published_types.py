"""Daily's published type definitions: daily-js's index.d.ts from npm and daily-python's stubs from PyPI.

The packages are downloaded as archives and read as text; none of their code is run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a TypeScript interface."""

    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class DailyJs:
    """The type definitions of daily-js."""

    version: str
    text: str

    def interface(self, name: str) -> dict[str, Field]:
        """The properties that an interface declares itself, without inherited ones."""
        found = re.search(rf"export interface {name}\b[^{{]*{{", self.text)
        assert found, f"daily-js {self.version} has no interface {name}"
        return _properties(_block(self.text, found.end()))

    def events(self) -> dict[str, dict[str, Field]]:
        """The properties of every event by its action, without `action` itself."""
        events: dict[str, dict[str, Field]] = {}
        for found in re.finditer(r"export interface (DailyEventObject\w+)[^{]*{", self.text):
            properties = _properties(_block(self.text, found.end()))
            action = properties.pop("action", None)
            for name in re.findall(r"'([\w-]+)'", action.type if action else ""):
                events[name] = properties
        return events

    def event_names(self) -> set[str]:
        """The names of all events that an application can listen to."""
        found = re.search(r"export type DailyEvent =(.*?);", self.text, re.DOTALL)
        assert found, f"daily-js {self.version} has no type DailyEvent"
        return set(re.findall(r"'([\w-]+)'", found[1]))


@dataclass(frozen=True, slots=True)
class DailyPython:
    """The type stubs of daily-python: methods of classes, and their parameters."""

    version: str
    classes: Mapping[str, Mapping[str, tuple[str, ...]]]


def daily_js(folder: Path) -> DailyJs:
    """The newest daily-js on npm. Without network the test is skipped, or fails with DAILY_SIM_REQUIRE_PEERS=1."""
    _run(["npm", "pack", "--silent", "@daily-co/daily-js"], folder)
    (archive,) = folder.glob("daily-co-daily-js-*.tgz")
    with tarfile.open(archive) as package:
        types, about = package.extractfile("package/index.d.ts"), package.extractfile("package/package.json")
        assert types is not None
        assert about is not None
        return DailyJs(json.load(about)["version"], types.read().decode())


def daily_python(folder: Path) -> DailyPython:
    """The newest daily-python wheel on PyPI, whatever this machine's platform. Without network as `daily_js`."""
    options = ["--no-deps", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    linux = ["--platform", "manylinux_2_28_x86_64"]
    _run([sys.executable, "-m", "pip", "download", *options, *linux, "--dest", ".", "daily-python"], folder)
    (wheel,) = folder.glob("daily_python-*.whl")
    with zipfile.ZipFile(wheel) as package:
        stubs = ast.parse(package.read("daily/__init__.pyi"))
    classes = {node.name: _methods(node) for node in stubs.body if isinstance(node, ast.ClassDef)}
    return DailyPython(wheel.name.split("-")[1], classes)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=50)
    if done.returncode == 0:
        return
    last = (done.stderr.strip() or "no message").splitlines()[-1]
    problem = f"{' '.join(command[:3])} could not download the package: {last}"
    if os.environ.get("DAILY_SIM_REQUIRE_PEERS") == "1":
        pytest.fail(problem, pytrace=False)
    pytest.skip(problem)


def _methods(node: ast.ClassDef) -> dict[str, tuple[str, ...]]:
    return {
        method.name: tuple(argument.arg for argument in method.args.args[1:])
        for method in node.body
        if isinstance(method, ast.FunctionDef)
    }


def _block(text: str, start: int) -> str:
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    raise AssertionError("unclosed brace")


def _properties(body: str) -> dict[str, Field]:
    plain = re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL))
    flat = plain
    while "{" in flat:
        flat = re.sub(r"{[^{}]*}", "object", flat)
    found = re.findall(r"^\s*(?:readonly )?(\w+)(\??):\s*([^;]+);", flat, re.MULTILINE)
    return {name: Field(" ".join(type_.split()), not optional) for name, optional, type_ in found}
