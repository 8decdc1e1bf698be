"""Errors in a recipe page are detected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.page import missing_output, steps
from tests.recipes.reader import follow

PAGE = """
`notes/greeting.txt`:

```text
Hello
```

```console
$ greeting=$(cat notes/greeting.txt)
$ echo "$greeting, reader"
Hello, reader
```
"""


def page(folder: Path, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(text)
    return file


def test_files_and_commands_are_carried_out_in_order(tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE))
    output = follow(recipe, wheels=tmp_path, folder=tmp_path)
    assert missing_output(recipe, output) == []


def test_missing_output_is_reported(tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE.replace("\nHello, reader", "\nGood evening")))
    assert missing_output(recipe, follow(recipe, wheels=tmp_path, folder=tmp_path)) == ["Good evening"]


@pytest.mark.parametrize("line", ["false", "false && true", "cat missing | cat nothing"])
def test_a_command_that_fails_ends_the_recipe(line: str, tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE.replace("$ echo", f"$ {line}\n$ echo")))
    with pytest.raises(AssertionError, match="ended with status 1") as failure:
        follow(recipe, wheels=tmp_path, folder=tmp_path)
    assert "Hello, reader" not in str(failure.value)


def test_a_block_without_a_file_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the text block “Hello” has no file name before it"):
        steps(page(tmp_path, PAGE.replace("`notes/greeting.txt`:", "A greeting:")))
