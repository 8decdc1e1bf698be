"""The contract compared with the type definitions that Daily publishes. All differences are printed.

A test fails for differences that break a program typed with Daily's definitions: a field that is not always present or
has another type, an event or method that does not exist.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from fake_daily_server.handles.client import Client
from tests.interop.published_types import DailyJs, DailyPython, Field, daily_js, daily_python

EVENTS: Mapping[str, Any] = json.loads(Path("fake_daily_server/contract/events.json").read_text(encoding="utf-8"))
TELEPHONY = ("dialin-", "dialout-", "dtmf-")

SIMPLE = {"string": "string", "number": "number", "boolean": "boolean", "integer": "number"}
"""TypeScript's type for a type of JSON Schema."""

WITHOUT_LISTENER = {"dtmf-event": "typed and forwarded by daily-js, and not yet in its union of event names"}
"""Events that are sent although the types of daily-js allow no listener for them, and why."""

ADDED_BY_DAILY_JS = frozenset(
    {
        *("audioTrack", "videoTrack", "screenVideoTrack", "screenAudioTrack"),
        *("cam_info", "screen_info", "networkThreshold", "callClientId"),
    }
)
"""Fields that daily-js adds itself."""

WITHOUT_HANDLER = {
    "dialin-connected": "missing in the stub, present in the class",
    "dialin-stopped": "missing in the stub, present in the class",
    "dialin-error": "missing in the stub, present in the class",
    "dialin-warning": "missing in the stub, present in the class",
}


@pytest.fixture(scope="module")
def js(tmp_path_factory: pytest.TempPathFactory) -> DailyJs:
    return daily_js(tmp_path_factory.mktemp("npm"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> DailyPython:
    return daily_python(tmp_path_factory.mktemp("pip"))


def definition(ref: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = EVENTS["$defs"][ref.rpartition("/")[2]]
    return found


def differences(what: str, theirs: Mapping[str, Field], ours: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """Yield the differences of one object, and whether each can break a typed program."""
    always = set(ours.get("required", ()))
    fields: Mapping[str, Any] = ours["properties"]
    for name in fields.keys() - theirs.keys() - {"action", "callClientId"}:
        yield False, f"{what}.{name}: only in the contract"
    for name, field in theirs.items():
        if name in ADDED_BY_DAILY_JS:
            continue
        if name not in fields:
            yield field.required, f"{what}.{name}: only in Daily's types ({field.type})"
        else:
            if field.required and name not in always:
                yield True, f"{what}.{name}: required in Daily's types, optional in the contract"
            if name in always and not field.required:
                yield False, f"{what}.{name}: optional in Daily's types, required in the contract"
            here = SIMPLE.get(fields[name].get("type", ""))
            if here and field.type in SIMPLE.values() and here != field.type:
                yield True, f"{what}.{name}: {field.type} in Daily's types, {here} in the contract"


def print_differences(title: str, found: list[tuple[bool, str]], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Print all differences. Returns those that could break a typed program."""
    by_kind: dict[str, list[str]] = {}
    for matters, line in sorted(found, key=lambda one: one[1]):
        what, _, how = line.partition(": ")
        by_kind.setdefault(f"{'!' if matters else ' '} {how}", []).append(what)
    with capsys.disabled():
        click.echo(f"\n{title}: {len(found)} differences")
        for how, names in by_kind.items():
            click.echo(
                textwrap.fill(f"{how}: {', '.join(names)}", 120, subsequent_indent="      ", break_on_hyphens=False)
            )
    return [line for matters, line in found if matters]


@pytest.mark.interop("npm")
def test_telephony_events_fit_the_types_of_daily_js(js: DailyJs, capsys: pytest.CaptureFixture[str]) -> None:
    published = js.events()
    found: list[tuple[bool, str]] = []
    for action, ref in EVENTS["x-events"].items():
        if action.startswith(TELEPHONY) and action in published:
            found += differences(action, published[action], definition(ref))
    assert {"dialin-ready", "dialin-connected", "dialout-answered", "dialout-error"} <= published.keys()
    assert print_differences(f"telephony events and daily-js {js.version}", found, capsys) == []


@pytest.mark.interop("npm")
def test_other_events_and_participants_fit_the_types_of_daily_js(
    js: DailyJs, capsys: pytest.CaptureFixture[str]
) -> None:
    published = js.events()
    found = list(differences("participant", js.interface("DailyParticipant"), definition("Participant")))
    for action, ref in EVENTS["x-events"].items():
        if not action.startswith(TELEPHONY) and action in published:
            found += differences(action, published[action], definition(ref))
    assert print_differences(f"participants, meetings and daily-js {js.version}", found, capsys) == []


@pytest.mark.interop("npm")
def test_every_event_has_a_listener_in_daily_js(js: DailyJs, capsys: pytest.CaptureFixture[str]) -> None:
    names = js.event_names()
    ours = set(EVENTS["x-events"])
    unknown = [(name not in WITHOUT_LISTENER, f"{name}: not an event of daily-js") for name in ours - names]
    silent = [(name.startswith(TELEPHONY), f"{name}: never sent here") for name in names - ours]
    assert print_differences(f"names of events and daily-js {js.version}", unknown + silent, capsys) == []


@pytest.mark.interop("pip")
def test_the_client_has_the_handlers_and_methods_of_daily_python(
    python: DailyPython, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = {name.removeprefix("on_").replace("_", "-") for name in python.classes["EventHandler"]}
    telephony = {action for action in EVENTS["x-events"] if action.startswith(TELEPHONY)}
    found = [(name not in WITHOUT_HANDLER, f"{name}: no handler in the stubs") for name in telephony - handlers]
    found += [
        (name.startswith(TELEPHONY), f"on {name}: never sent here") for name in handlers - set(EVENTS["x-events"])
    ]
    methods = python.classes["CallClient"]
    for method in ("start_dialout", "stop_dialout", "send_dtmf", "sip_call_transfer", "sip_refer"):
        assert method in methods, f"daily-python {python.version} has no {method}"
        assert method in dir(Client)
        assert methods[method][-1] == "completion"
    found += [(False, f"CallClient.{name}: not here") for name in methods if name not in dir(Client) and name[0] != "_"]
    assert print_differences(f"handlers, methods and daily-python {python.version}", found, capsys) == []
