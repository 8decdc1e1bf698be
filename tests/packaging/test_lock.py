"""The lock files that `make setup` and `make peers` install: complete, hashed, and independent of a machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"requirements.lock": ("dev",), "requirements-peers.lock": ("dev", "peers")}
"""Lock files, and the extras that each contains."""

each_lock = pytest.mark.parametrize("lock", LOCKS)


def text(lock: str) -> str:
    return (ROOT / lock).read_text()


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==(\S+)", text(lock), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def declared(lock: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for extra in LOCKS[lock] for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in project["dependencies"] + extras]


@each_lock
def test_every_declared_dependency_is_locked_to_an_allowed_version(lock: str) -> None:
    locked = pins(lock)
    mismatches = [
        f"{wanted} is locked to {locked.get(canonicalize_name(wanted.name))}"
        for wanted in declared(lock)
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in locked
    ]
    assert not mismatches, f"run make lock: {mismatches}"


def test_both_lock_files_have_the_same_versions() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-peers.lock").items()


@each_lock
def test_every_pin_has_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text(lock), flags=re.MULTILINE).strip())
    assert len(blocks) == len(pins(lock))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@each_lock
def test_a_lock_file_contains_no_index_url_or_path(lock: str) -> None:
    assert re.findall(r"\w+://\S*|^\s*-(?!-hash|c requirements).*|.* @ .*", text(lock), flags=re.MULTILINE) == []


def test_the_npm_lock_file_contains_no_registry_url() -> None:
    lock = (ROOT / "tests" / "interop" / "javascript" / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert set(re.findall(r'"resolved": "(.*)"', lock)) <= {"../../../fake_daily_server/clients/javascript"}
