"""rows.yaml is complete: every row and sibling names a test that exists, and every kind has at least three siblings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
KINDS: dict[str, Any] = yaml.safe_load((HERE / "rows.yaml").read_text(encoding="utf-8"))


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, parts in KINDS.items():
        for part in ("rows", "siblings"):
            for entry in parts.get(part, ()):
                yield kind, entry


def exists(reference: str) -> bool:
    file, _, name = reference.partition("::")
    path = HERE / f"{file}.py"
    if not path.is_file():
        return False
    functions = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name for node in functions)


@pytest.mark.parametrize(
    ("kind", "entry"), list(entries()), ids=[f"{kind}: {entry['input'][:50]}" for kind, entry in entries()]
)
def test_each_input_names_a_test_that_exists(kind: str, entry: dict[str, Any]) -> None:
    tests = entry.get("test", [])
    assert tests, f"{kind}: no test"
    assert [name for name in ([tests] if isinstance(tests, str) else tests) if not exists(name)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_three_siblings_with_what_they_showed(kind: str) -> None:
    siblings = KINDS[kind].get("siblings", ())
    assert len(siblings) >= 3
    assert [entry["input"] for entry in siblings if not entry.get("showed")] == []
