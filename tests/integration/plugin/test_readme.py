"""The examples of the README, run unchanged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[3] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
EXAMPLES = {found[1]: block for block in BLOCKS if (found := re.search(r"def (test_\w+)", block))}
ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


def test_the_readme_has_a_plain_and_an_async_example() -> None:
    assert any("\ndef test_" in f"\n{example}" for example in EXAMPLES.values())
    assert any("\nasync def test_" in f"\n{example}" for example in EXAMPLES.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_passes_in_an_empty_project(name: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLES[name])
    result = pytester.runpytest_subprocess("-W", "error", *ASYNCIO)
    result.assert_outcomes(passed=1)
