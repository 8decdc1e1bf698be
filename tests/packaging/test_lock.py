"""The lock files that `make setup` and `make peers` install: complete, hashed, and independent of the machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-peers.lock")
INSTALLED = {"setup": (("dev",), LOCKS[:1]), "peers": (("dev", "peers"), LOCKS)}
"""By make target: the dependency groups installed besides the run-time dependencies, and the lock files used."""

each_lock = pytest.mark.parametrize("lock", LOCKS)


def text(lock: str) -> str:
    return (ROOT / lock).read_text()


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==(\S+)", text(lock), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def declared(groups: tuple[str, ...]) -> list[Requirement]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    grouped = [line for group in groups for line in pyproject["dependency-groups"][group]]
    return [Requirement(line) for line in pyproject["project"]["dependencies"] + grouped]


@pytest.mark.parametrize("verb", INSTALLED)
def test_every_declared_dependency_is_locked_to_an_allowed_version(verb: str) -> None:
    groups, locks = INSTALLED[verb]
    locked = {name: version for lock in locks for name, version in pins(lock).items()}
    mismatches = [
        f"{wanted} is locked to {locked.get(canonicalize_name(wanted.name))}"
        for wanted in declared(groups)
        if not wanted.specifier.contains(locked.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in locked
    ]
    assert not mismatches, f"run make lock: {mismatches}"


def test_no_package_is_in_both() -> None:
    assert not pins("requirements.lock").keys() & pins("requirements-peers.lock").keys()


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
