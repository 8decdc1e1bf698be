"""The lock that `make setup` installs: complete, hashed, and tied to no one's machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PINS = {
    canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, flags=re.MULTILINE)
}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]]


def test_every_declared_dependency_is_locked_to_a_version_that_fits() -> None:
    unfit = [
        f"{wanted} is locked to {PINS.get(canonicalize_name(wanted.name))}"
        for wanted in declared()
        if not wanted.specifier.contains(PINS.get(canonicalize_name(wanted.name), "0"), prereleases=True)
        or canonicalize_name(wanted.name) not in PINS
    ]
    assert not unfit, f"run make lock: {unfit}"


def test_every_pin_has_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", LOCK, flags=re.MULTILINE).strip())
    assert len(blocks) == len(PINS)
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_it_names_no_index_no_address_and_no_folder() -> None:
    assert re.findall(r"\w+://\S*|^\s*-(?!-hash).*|.* @ .*", LOCK, flags=re.MULTILINE) == []
