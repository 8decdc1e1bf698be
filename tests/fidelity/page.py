"""`python -m tests.fidelity.page` writes docs/reference/fidelity.md; with `--check` it says whether that is stale."""

from __future__ import annotations

import ast
import functools
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

ROOT = Path(__file__).parents[2]
ROWS = Path(__file__).with_name("rows.yaml")
PAGE = ROOT / "docs" / "reference" / "fidelity.md"
HEAD = Path(__file__).with_name("head.md")


class Row(BaseModel):
    """One documented behaviour."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    tests: tuple[str, ...] = ()
    status: Literal["tested", "partly", "not built"] = "tested"
    because: str | None = None

    def problems(self) -> Iterator[str]:
        """What is wrong with it."""
        if self.status == "tested" and not self.tests:
            yield "no test, and no status that says why"
        if self.status != "tested" and not self.because:
            yield f"{self.status}, and no reason"
        if self.status == "tested" and self.because:
            yield "a reason for nothing"
        if self.status == "not built" and self.tests:
            yield "not built, and yet tested"
        for reference in self.tests:
            if where(reference) is None:
                yield f"no test {reference}"


def areas(path: Path = ROWS) -> Mapping[str, tuple[Row, ...]]:
    """All rows by area, in order."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, tuple[Row, ...]]).validate_python(read)


def where(reference: str) -> str | None:
    """The node id of a test, or the path of a scenario; None when it is not there, or more than one is meant."""
    if reference.endswith(".yaml"):
        return reference if (ROOT / reference).is_file() else None
    file, _, name = reference.partition("::")
    paths = [path for path in _test_files() if path.with_suffix("").as_posix().endswith(f"/{file}")]
    if len(paths) != 1 or name not in _names(paths[0]):
        return None
    return f"{paths[0].relative_to(ROOT).as_posix()}::{name}"


@functools.cache
def _test_files() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "tests").rglob("test_*.py")))


@functools.cache
def _names(path: Path) -> frozenset[str]:
    """Test functions of a module, and classes of tests (the state machines of hypothesis are assigned to a name)."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in found if name.lower().startswith("test"))


def page(found: Mapping[str, Sequence[Row]]) -> str:
    """The document."""
    count = Counter(row.status for rows in found.values() for row in rows)
    total = sum(count.values())
    summary = ", ".join(f"{count[status]} {status}" for status in ("tested", "partly", "not built"))
    parts = [f"{HEAD.read_text(encoding='utf-8')}\n## What is documented\n\n{total} rows: {summary}.\n"]
    for area, rows in found.items():
        parts.append(f"\n### {area}\n\n| what Daily documents | shown by | status |\n|---|---|---|\n")
        parts.extend(f"| {_cell(row.says)} | {_shown_by(row)} | {_status(row)} |\n" for row in rows)
    return "".join(parts)


def _shown_by(row: Row) -> str:
    links = []
    for reference in row.tests:
        node = where(reference) or reference
        file, _, name = node.partition("::")
        short = name or file.removeprefix("scenarios/").removesuffix(".yaml")
        links.append(f"[{_words(short)}](../../{file})")
    return "<br>".join(links)


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _status(row: Row) -> str:
    return row.status if row.because is None else f"{row.status}: {_cell(row.because)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it with `--check`; rows with problems are an error either way."""
    found = areas()
    wrong = [
        f"{area}: {row.says}: {problem}" for area, rows in found.items() for row in rows for problem in row.problems()
    ]
    if wrong:
        sys.stderr.write("\n".join(wrong) + "\n")
        return 2
    text = page(found)
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not what rows.yaml says; run python -m tests.fidelity.page\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
