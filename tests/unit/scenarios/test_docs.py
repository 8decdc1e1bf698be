from __future__ import annotations

import re
from pathlib import Path

import pytest

import scenarios
from scenarios.loading.cases import cases_of
from scenarios.loading.scenario_loader import load_scenario
from scenarios.loading.yaml_source import YamlSource

DOCS = Path(scenarios.__file__).parent.parent / "docs" / "scenarios.md"
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL) if "title:" in text]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.search("title: (.*)", text)[1])  # type: ignore[index]
def test_every_example_is_a_valid_scenario(example: str) -> None:
    for case in cases_of(YamlSource.parse(example, DOCS)):
        assert load_scenario(case.source).steps
