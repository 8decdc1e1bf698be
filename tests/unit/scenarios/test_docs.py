from __future__ import annotations

import re
from pathlib import Path

import pytest

import scenarios
from scenarios.load import understand
from scenarios.source import Source

DOCS = Path(scenarios.__file__).parent.parent / "docs" / "scenarios.md"
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL) if "title:" in text]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.search("title: (.*)", text)[1])  # type: ignore[index]
def test_every_example_is_a_scenario_without_mistakes(example: str) -> None:
    assert understand(Source.parse(example, DOCS)).steps
