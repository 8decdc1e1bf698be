"""The code blocks on the pages: tests and scenarios pass, and the names in the others exist."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from simulator.audio.dtmf_tones import dtmf
from simulator.audio.wav import write_wav
from tests.docs.pages import ROOT, Block, all_pages
from tests.integration.scenarios.command import command

ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
OURS = ("simulator", "fake_daily_server", "scenarios")

BLOCKS = [block for page in all_pages() for block in page.blocks]
FOLLOWED = ROOT / "docs" / "recipes"
"""Pages that tests/recipes follows from an empty directory, with their commands and files."""


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def is_test(block: Block) -> bool:
    return re.search(r"^(async )?def test_", block.text, re.MULTILINE) is not None


def is_story(block: Block) -> bool:
    return block.text.startswith("title:") or "\ntitle:" in block.text


PYTHON = of("python")
TESTS = [block for block in PYTHON if is_test(block) and not block.page.is_relative_to(FOLLOWED)]
STORIES = [block for block in of("yaml") if is_story(block)]


def test_the_readme_installs_what_runs_its_async_tests() -> None:
    blocks = [block for block in BLOCKS if block.page == ROOT / "README.md"]
    [first, *_] = [block for block in blocks if block.language == "python" and "async def test_" in block.text]
    commands = [block.text for block in blocks if block.language == "console" and block.line < first.line]
    assert any("pip install pytest-asyncio" in text for text in commands)


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python_can_be_read_and_imports_what_exists(block: Block) -> None:
    tree = compile(block.text, str(block), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OURS:
            module = importlib.import_module(node.module)
            assert [name.name for name in node.names if not hasattr(module, name.name)] == []


@pytest.mark.parametrize("block", TESTS, ids=str)
def test_a_test_passes_in_an_empty_project(block: Block, pytester: pytest.Pytester) -> None:
    for file in BLOCKS:
        if file.page == block.page and file.name.endswith(".py") and file != block:
            (pytester.path / file.name).write_text(file.text)
    pytester.makepyfile(block.text)
    result = pytester.runpytest_subprocess("-W", "error", *ASYNCIO)
    result.assert_outcomes(passed=len(re.findall(r"^(?:async )?def test_", block.text, re.MULTILINE)))


def test_every_story_passes(tmp_path: Path) -> None:
    for block in STORIES:
        folder = tmp_path / block.page.stem
        folder.mkdir(exist_ok=True)
        (folder / f"{block.page.stem}-{block.line}.yaml").write_text(block.text)
        for file in BLOCKS:
            if file.page == block.page and file.name.endswith(".py") and "/" not in file.name:
                (folder / file.name).write_text(file.text)
    ran = command("run", tmp_path, "--junit", tmp_path / "report.xml")
    assert ran.code == 0, ran.out + ran.err
    cases = ET.parse(tmp_path / "report.xml").getroot().iter("testcase")
    assert len({case.get("file") for case in cases}) == len(STORIES)


def test_the_functions_on_arrays_can_be_called_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (block for block in PYTHON if "read_wav" in block.text)
    monkeypatch.chdir(tmp_path)
    write_wav("heard.wav", dtmf("5", duration_ms=600), 16000)
    names: dict[str, object] = {}
    exec(block.text, names)
    assert names["rate"] == 16000


def lines(program: str) -> list[str]:
    """The commands on the pages that begin with `program`, each once."""
    shown = [line[2:] for block in of("console") for line in block.text.splitlines() if line.startswith(f"$ {program}")]
    spans = [span for page in all_pages() for span in re.findall(rf"`({re.escape(program)}[^`\n]*)`", page.text)]
    return sorted({*shown, *spans})


@pytest.mark.parametrize("line", lines("make "))
def test_a_verb_of_make_exists(line: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = [word for word in shlex.split(line, comments=True)[1:] if re.fullmatch(r"[a-z]+;?", word)]
    assert {word.rstrip(";") for word in named} - {"make"} <= targets


@pytest.mark.parametrize("module", sorted({line.split()[2] for line in lines("python -m ")} - {"venv"}))
def test_a_module_that_is_run_exists(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


VERBS = sorted(
    {
        (found[1], found[2])
        for line in lines("python -m ")
        if (found := re.match(r"python -m (fake_daily_server|scenarios) ([a-z]+)\b", line))
    }
)


@pytest.mark.parametrize(("module", "verb"), VERBS)
def test_a_verb_of_a_command_explains_itself(module: str, verb: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", module, verb, "--help"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.startswith("Usage: ")
