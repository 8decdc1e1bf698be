"""The hook that `make hooks` installs for commit messages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("message", "accepted"),
    [
        ("x" * 72, True),
        ("x" * 72 + "\n\n" + "A body line may be longer than the subject. " * 4, True),
        ("x" * 73, False),
        ("x" * 73 + "\n\nbody\n", False),
        ("\n\nbody\n", False),
    ],
)
def test_a_subject_of_more_than_72_characters_is_refused(tmp_path: Path, message: str, accepted: bool) -> None:
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    for command in (["git", "init", "--quiet"], ["git", "add", ".pre-commit-config.yaml"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / "message").write_text(message)
    hook = [sys.executable, "-m", "pre_commit", "run", "--hook-stage", "commit-msg", "--commit-msg-filename", "message"]
    checked = subprocess.run(hook, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode == 0) is accepted, checked.stdout + checked.stderr
