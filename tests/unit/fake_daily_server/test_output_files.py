"""Paths that the control API may write: below the working directory, of one kind, never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fake_daily_server.control.calls import RecordBody
from fake_daily_server.control.server import CaptureBody
from simulator.pcapng import PcapngWriter


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inside = tmp_path / "project"
    inside.mkdir()
    monkeypatch.chdir(inside)
    return inside


def test_new_files_and_old_captures_below_the_folder_are_allowed(folder: Path) -> None:
    (folder / "artifacts").mkdir()
    assert CaptureBody(path="artifacts/call.pcapng").path == Path("artifacts/call.pcapng")
    assert CaptureBody(path=str(folder / "call.pcapng")).path == folder / "call.pcapng"
    with (folder / "old.pcapng").open("wb") as file:
        PcapngWriter(file, interface="lo", application="test")
    CaptureBody(path="old.pcapng")
    (folder / "empty.wav").write_bytes(b"")
    RecordBody(path="empty.wav")
    (folder / "old.wav").write_bytes(b"RIFF....WAVE")
    RecordBody(path="old.wav")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/etc/call.pcapng", "below"),
        ("../call.pcapng", "below"),
        ("a/../../call.pcapng", "below"),
        ("outside/call.pcapng", "below"),
        ("call.pcap", "a *.pcapng file"),
        (".bashrc", "a *.pcapng file"),
        ("notes.pcapng", "already a .pcapng file"),
        ("folder.pcapng", "already a .pcapng file"),
        ("a\0.pcapng", "NUL"),
    ],
)
def test_other_paths_are_refused(folder: Path, tmp_path: Path, path: str, reason: str) -> None:
    (folder / "notes.pcapng").write_text("the user's own notes")
    (folder / "folder.pcapng").mkdir()
    (folder / "outside").symlink_to(tmp_path)
    with pytest.raises(ValidationError, match=reason.replace("*", r"\*")):
        CaptureBody(path=path)
