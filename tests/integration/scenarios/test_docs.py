"""The examples of docs/scenarios.md, run unchanged."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.scenarios.command import ROOT, command


def test_all_examples_of_the_page_pass(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text()
    examples = [each for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "title:" in each]
    for number, example in enumerate(examples):
        (tmp_path / f"example-{number}.yaml").write_text(example)
    completed = command("run", tmp_path)
    assert completed.code == 0, completed.out + completed.err
    assert completed.out.splitlines()[-1].startswith(f"{len(examples)} scenarios, {len(examples)} passed in ")
