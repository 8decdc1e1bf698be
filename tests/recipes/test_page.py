"""The follower of pages notices what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.page import not_printed, steps
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


def test_files_and_commands_are_one_story(tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE))
    output = follow(recipe, wheels=tmp_path, folder=tmp_path)
    assert not_printed(recipe, output) == []


def test_what_is_not_printed_is_told(tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE.replace("\nHello, reader", "\nGood evening")))
    assert not_printed(recipe, follow(recipe, wheels=tmp_path, folder=tmp_path)) == ["Good evening"]


@pytest.mark.parametrize("line", ["false", "false && true", "cat missing | cat nothing"])
def test_a_command_that_fails_ends_it(line: str, tmp_path: Path) -> None:
    recipe = steps(page(tmp_path, PAGE.replace("$ echo", f"$ {line}\n$ echo")))
    with pytest.raises(AssertionError, match="ended with status 1") as failure:
        follow(recipe, wheels=tmp_path, folder=tmp_path)
    assert "Hello, reader" not in str(failure.value)


def test_a_block_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the text block “Hello” has no file name before it"):
        steps(page(tmp_path, PAGE.replace("`notes/greeting.txt`:", "A greeting:")))
