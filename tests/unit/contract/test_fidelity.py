"""docs/reference/fidelity.md: every row names existing tests or a reason, and the page is generated from the rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.fidelity import page
from tests.fidelity.page import Row

FOUND = page.areas()
ROWS = [(area, row) for area, rows in FOUND.items() for row in rows]


@pytest.mark.parametrize(("area", "row"), ROWS, ids=[f"{area}: {row.says[:40]}" for area, row in ROWS])
def test_each_row_has_tests_that_exist_or_a_reason(area: str, row: Row) -> None:
    assert list(row.problems()) == [], area


def test_no_row_is_repeated() -> None:
    assert [says for says, times in Counter(row.says for _, row in ROWS).items() if times > 1] == []


def test_the_page_is_generated_from_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert page.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "ROOT", tmp_path.parent)
    monkeypatch.setattr(page, "areas", dict)
    monkeypatch.setattr(page, "PAGE", tmp_path / "fidelity.md")
    assert page.main(["--check"]) == 1
    assert "python -m tests.fidelity.page" in capsys.readouterr().err
    assert page.main([]) == 0
    assert page.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(says="x"), "no test, and no status that says why"),
        (Row(says="x", tests=("contract/test_fidelity::test_nothing_of_the_kind",)), "no test contract/test_fidelity"),
        (
            Row(says="x", tests=("scenarios/files/dial_out/nothing.yaml",)),
            "no test scenarios/files/dial_out/nothing.yaml",
        ),
        (Row(says="x", status="not built"), "not built, and no reason"),
        (Row(says="x", status="not built", because="y", tests=("a::b",)), "not built, and yet tested"),
        (Row(says="x", tests=("scenarios/files/dial_out/busy.yaml",), because="y"), "a reason for nothing"),
    ],
)
def test_an_invalid_row_is_reported(row: Row, said: str) -> None:
    assert any(problem.startswith(said) for problem in row.problems())
