"""The module `daily` compared with daily-python: names, signatures, and behaviour outside a room."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.clients.python import daily

pytestmark = pytest.mark.interop("daily")

HERE = Path(__file__).parent
STAND_IN = Path(daily.__file__).parent.parent

STUB_DIFFERENCES = {
    "CallClient.send_app_message": "serialize_none",
    "CallClient.add_live_streaming_endpoings": "misspelt",
    "CallClient.remove_live_streaming_endpoings": "misspelt",
    "CallClient.set_audio_renderer": "logging_interval_ms is missing",
    "CallClient.set_video_renderer": "logging_interval_ms is missing",
    "EventHandler.on_live_stream_updated": "the parameter is update",
    "NativeVad.rest_period_ms": "misspelt",
    "VirtualSpeakerDevice.read_frames": "the parameter is num_frames",
    "CustomAudioSource.write_frames": "the parameter is frames",
    "VirtualMicrophoneDevice.write_frames": "the parameter is frames",
    "NativeVad.analyze_frames": "the parameter is frames",
    "LogLevel.value": "LogLevel is no Enum",
}
"""Where the published stub differs from the module. The stand-in follows the module."""


def run(program: str, **environment: str) -> str:
    """Run a Python program that imports `daily`, from daily-python unless PYTHONPATH is given; return its output."""
    ran = subprocess.run(
        [sys.executable, program] if program.endswith(".py") else [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def test_a_session_without_a_room_matches_daily_python() -> None:
    session = str(HERE / "offline_session.py")
    native, ours = run(session).splitlines(), run(session, PYTHONPATH=str(STAND_IN)).splitlines()
    different = [(theirs, mine) for theirs, mine in zip(native, ours, strict=True) if theirs != mine]
    assert not different
    assert len(native) > 150


SURFACE = """
import daily, inspect, json
surface = {"": daily.__all__}
for name in daily.__all__:
    cls = getattr(daily, name)
    public = {k: v for k, v in vars(cls).items() if not k.startswith("_")}
    surface[name] = [cls.__module__, sorted(public)]
    for k in public:
        try:
            parameters = inspect.signature(getattr(cls, k)).parameters.values()
        except (TypeError, ValueError):
            surface[f"{name}.{k}"] = None
        else:
            surface[f"{name}.{k}"] = [[p.name, repr(p.default)] for p in parameters]
print(json.dumps(surface))
"""


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def signature(owner: type, name: str) -> list[list[str]] | None:
    """Parameter names and defaults, in the form that SURFACE prints."""
    member = inspect.getattr_static(owner, name)
    if not inspect.isfunction(member) and not isinstance(member, staticmethod):
        return None
    return [[p.name, repr(p.default)] for p in inspect.signature(getattr(owner, name)).parameters.values()]


def test_names_and_signatures_match_daily_python() -> None:
    native: dict[str, Any] = json.loads(run(SURFACE))
    assert sorted(daily.__all__) == sorted(native[""])
    different = []
    for name in daily.__all__:
        cls = getattr(daily, name)
        module, members = native[name]
        assert cls.__module__ == module == "daily"
        assert public(cls) == set(members), name
        for member in members:
            theirs, ours = native[f"{name}.{member}"], signature(cls, member)
            if theirs is not None and theirs != ours and "Ellipsis" not in str(theirs):
                different.append((f"{name}.{member}", theirs, ours))
    assert not different


def stub_members() -> dict[str, list[str]]:
    """The members of the classes in the stub, with the names of their parameters."""
    spec = importlib.util.find_spec("daily")
    assert spec is not None
    assert spec.origin is not None
    members: dict[str, list[str]] = {}
    for node in ast.parse(Path(spec.origin).with_suffix(".pyi").read_text()).body:
        for member in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                arguments = [argument.arg for argument in member.args.args if argument.arg != "self"]
                members[f"{node.name}.{member.name}"] = arguments  # type: ignore[attr-defined]
    return members


def test_members_of_the_published_stub_exist() -> None:
    different = set()
    for qualified, parameters in stub_members().items():
        cls_name, name = qualified.split(".")
        member = inspect.getattr_static(getattr(daily, cls_name), name, None)
        if member is None:
            different.add(qualified)
        elif not isinstance(member, property):
            ours = [p for p in inspect.signature(getattr(getattr(daily, cls_name), name)).parameters if p != "self"]
            if ours != parameters:
                different.add(qualified)
    assert different == set(STUB_DIFFERENCES)


def test_classes_refuse_what_daily_python_refuses() -> None:
    program = """
import daily
def refused(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__, str(error)
class WithKeyword(daily.EventHandler):
    def __init__(self, *, word): ...
class WithArgument(daily.EventHandler):
    def __init__(self, argument): ...
daily.Daily.init()
for name in daily.__all__:
    if name != "EventHandler":
        print(name, refused(lambda: type("Derived", (getattr(daily, name),), {})))
for name in ("AudioData", "Daily", "LogLevel", "NativeVad", "VideoFrame", "VirtualCameraDevice"):
    print(name, refused(getattr(daily, name)))
print(refused(lambda: WithKeyword(word=1)), refused(lambda: WithArgument(1)))
print(refused(lambda: daily.CallClient(5)), refused(lambda: daily.CallClient(daily.EventHandler)))
print(refused(lambda: daily.EventHandler().on_error()), daily.EventHandler().on_error(message=""))
for made in (daily.EventHandler(), daily.CallClient()):
    print(refused(lambda: setattr(made, "x", 1))[0], repr(made).split(" at ")[0])
off = daily.LogLevel.Off
print(repr(daily.LogLevel.Info), int(daily.LogLevel.Trace), off == daily.LogLevel.Off, off == 0, {off: 1})
"""
    assert run(program).splitlines() == run(program, PYTHONPATH=str(STAND_IN)).splitlines()
