"""The examples of docs/scenarios.md run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.scenarios.command import ROOT, command


def test_all_examples_pass(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text()
    examples = [each for each in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "title:" in each]
    for number, example in enumerate(examples):
        (tmp_path / f"example-{number}.yaml").write_text(example)
    ran = command("run", tmp_path)
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.splitlines()[-1].startswith(f"{len(examples)} scenarios, {len(examples)} passed in ")
