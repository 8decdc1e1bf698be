from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from fake_daily_server.contract import schema
from fake_daily_server.contract.messages import METHODS, REQUESTS


def test_the_schema_file_is_what_the_models_say() -> None:
    assert schema.main(["--check"]) == 0


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.PATH.read_text(encoding="utf-8")))


def test_a_stale_file_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "signalling.json"
    monkeypatch.setattr(schema, "PATH", stale)
    assert schema.main(["--check"]) == 1
    assert "run python -m fake_daily_server.contract.schema" in capsys.readouterr().err
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0


def test_every_request_has_its_method() -> None:
    mapping = REQUESTS.json_schema()["discriminator"]["mapping"]
    assert set(mapping) == set(METHODS)
