"""`python -m fake_daily_server contract` and the rows that it prints."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from fake_daily_server.__main__ import main
from fake_daily_server.contract.field_rows import CONTRACTS, rows


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["contract", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_field_of_every_contract_is_a_row() -> None:
    found = list(rows())
    assert {row.contract for row in found} == set(CONTRACTS)
    assert len({(row.contract, row.object, row.field) for row in found}) == len(found) > 500
    assert {row.confidence for row in found} == {"documented", "library", "inferred", "chosen"}


def test_an_object_is_printed_as_text() -> None:
    said = printed("DialoutConnected")
    assert "events · DialoutConnected" in said
    assert "  sessionId       documented  daily-js reference: telephony events  (string)" in said
    assert "webhooks have its id." in said
    assert "DialoutAnswered" not in said


def test_fields_are_filtered_by_name_confidence_and_decision() -> None:
    chosen = json.loads(printed("--format", "json", "--of", "rest", "--confidence", "chosen"))
    assert {row["confidence"] for row in chosen} == {"chosen"}
    assert ("Sent", "sent") in {(row["object"], row["field"]) for row in chosen}
    decided = json.loads(printed("--format", "json", "--decided", "*.callerId"))
    assert decided
    assert all(row["decided"] and row["field"] == "callerId" for row in decided)


def test_the_fields_are_printed_as_a_markdown_table() -> None:
    lines = printed("--format", "markdown", "DtmfEvent").splitlines()
    assert lines[0].startswith("| contract | object | field |")
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1


@pytest.mark.parametrize("wrong", [["Nothing.at_all"], ["--of", "sip"], ["--confidence", "sure"]])
def test_a_filter_without_a_match_is_an_error(wrong: list[str]) -> None:
    assert CliRunner().invoke(main, ["contract", *wrong]).exit_code != 0


def test_options_of_the_server_are_checked_without_a_subcommand() -> None:
    """An invalid option is an error of the command itself."""
    result = CliRunner().invoke(main, ["--domain", "not a label"])
    assert result.exit_code == 2
    assert "domain" in result.output
