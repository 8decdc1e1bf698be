"""The schema files match the models, are valid, and name a source for every field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fake_daily_server.contract import field_sources, schema
from fake_daily_server.contract.field_sources import Sources
from fake_daily_server.signalling.events import BY_ACTION
from fake_daily_server.signalling.messages import METHODS, REQUESTS
from fake_daily_server.telephony.events import TELEPHONY_EVENTS
from fake_daily_server.webhooks.event_table import PAYLOADS
from simulator.errors import ConfigurationError

CONTRACTS = tuple(schema.CONTRACTS)


def committed(contract: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(schema.path(contract).read_text(encoding="utf-8"))
    return read


def test_the_schema_files_match_the_models() -> None:
    assert schema.main(["--check"]) == 0


@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_file_is_a_valid_json_schema(contract: str) -> None:
    jsonschema.Draft202012Validator.check_schema(committed(contract))


def test_stale_files_are_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schema, "FOLDER", tmp_path)
    assert schema.main(["--check"]) == 1
    assert "events.json, webhooks.json, rest.json, signalling.json" in capsys.readouterr().err
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0
    (tmp_path / "rest.json").write_text("{}")
    assert schema.main(["--check"]) == 1
    assert capsys.readouterr().err.startswith("rest.json: not up to date with the models")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_field_has_a_source(contract: str) -> None:
    missing = [
        f"{name}.{field}"
        for name, definition in committed(contract)["$defs"].items()
        for field, about in definition.get("properties", {}).items()
        if name not in PAYLOADS and "page" not in about.get("x-source", {})
    ]
    assert missing == []


def test_a_field_without_a_source_is_an_error(tmp_path: Path) -> None:
    text = field_sources.PATH.read_text(encoding="utf-8")
    poorer = tmp_path / "sources.yaml"
    poorer.write_text(text.replace("fields: action sessionId tone volume method", "fields: action sessionId tone"))
    with pytest.raises(ConfigurationError, match=r"events: DtmfEvent\.volume"):
        schema.schema("events", Sources(poorer))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("fields: present hidden", "fields: present present"), "named only once"),
        (("{page: js-participants, fields: present hidden}", "{page: hearsay, fields: present}"), "hearsay"),
        (("fields: present hidden", "fields: present, sure: yes"), "sure"),
    ],
)
def test_an_invalid_entry_of_the_sources_is_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = field_sources.PATH.read_text(encoding="utf-8")
    assert change[0] in text
    wrong = tmp_path / "sources.yaml"
    wrong.write_text(text.replace(*change))
    with pytest.raises(ValueError, match=said):
        Sources(wrong)


def test_every_source_is_of_an_existing_field() -> None:
    sources = Sources()
    used = {
        (section, name): set(definition.get("properties", {}))
        for contract, (_, sections) in schema.CONTRACTS.items()
        for name, definition in committed(contract)["$defs"].items()
        for section in sections
        if sources.find([section], name) is not None
    }
    for section, name in sources.names():
        if "*" in name:
            continue
        assert (section, name) in used, f"{section}: {name} is in sources.yaml and in no contract"
        assert set(sources.find([section], name) or ()) <= used[section, name], f"{section}: {name}"


def test_every_source_is_a_published_page() -> None:
    """A reader can open every source."""
    for page in Sources().pages.values():
        assert page.url is None or page.url.startswith("https://")
        assert page.url is not None or "this project" in page.title


def test_every_telephony_event_is_a_client_event() -> None:
    published = set(TELEPHONY_EVENTS.json_schema()["discriminator"]["mapping"])
    assert published <= set(BY_ACTION)
    assert set(committed("events")["x-events"]) == set(BY_ACTION)


def test_every_request_has_a_method_name() -> None:
    assert set(REQUESTS.json_schema()["discriminator"]["mapping"]) == set(METHODS)


def test_optional_fields_of_events_are_absent_and_never_null() -> None:
    def nulls(definition: Any) -> bool:
        return '{"type": "null"}' in json.dumps(definition)

    definitions = committed("events")["$defs"]
    with_null = {
        f"{name}.{field}"
        for name, definition in definitions.items()
        for field, about in definition["properties"].items()
        if nulls(about)
    }
    assert with_null == {"Participant.will_eject_at"}
