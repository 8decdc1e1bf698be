"""`python -m tools.settings_page` writes docs/reference/settings.md from `Settings` and its docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic_core import PydanticUndefined

from fake_daily_server.settings import Settings

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "fake_daily_server" / "settings.py"
PAGE = ROOT / "docs" / "reference" / "settings.md"

HEAD = """\
# Settings

What can be chosen about the server, each with its default. Written from `fake_daily_server/settings.py` by
`make generate`; do not edit.

```python
from fake_daily_server import FakeDaily, Settings

async with FakeDaily(Settings(port=0, sip_port=0, ring_timeout=5)) as daily:
    ...
```

In a test suite, override the session fixture `fake_daily_settings` in `conftest.py`:

```python
import pytest

from fake_daily_server import Settings


@pytest.fixture(scope="session")
def fake_daily_settings():
    return Settings(port=0, sip_port=0, ring_timeout=5)
```

For one test, `await fake_daily.reset(ring_timeout=5)` or `POST /_sim/reset` with `{"settings": {"ring_timeout": 5}}`
changes settings until the next reset; only addresses, identity,
processes and who may reach the server are fixed. In JavaScript that is
`daily.reset({ring_timeout: 5})`, and `startDaily({settings: {ring_timeout: 5}})` starts a server with them.

A command takes them with `--set`, which can be repeated, or from a file of `name: value` lines (YAML or JSON):

```console
$ daily-sim serve --set ring_timeout=5 --set 'dialin_codecs=[PCMU, G722]'
$ daily-sim exec --settings staging.yaml -- python bot.py
$ daily-sim run --settings staging.yaml --set ring_timeout=5 tests/calls
```

`--set` precedes the file, and an option such as `--port` precedes both. A value has the type of its setting; where a
text looks like another type, `=` marks it as text: `ok: =true`. In a scenario file the key `settings` has the same
names and precedes all of these.
"""

TABLE = """
| setting | type | default | what it chooses |
|---|---|---|---|
"""

_GROUP = re.compile(r"^    # --- (.*) ---$")


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of `Settings`, as shown on the page."""

    group: str
    name: str
    annotation: str
    default: str
    about: str


def settings() -> Iterator[Setting]:
    """Yield all fields of `Settings`, in source order."""
    text = SOURCE.read_text(encoding="utf-8")
    lines = text.splitlines()
    (definition,) = (
        node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    for node, after in zip(definition.body, [*definition.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        groups = [found[1] for line in lines[: node.lineno] if (found := _GROUP.match(line))]
        about = _docstring(after)
        yield Setting(
            groups[-1],
            node.target.id,
            _annotation(node.annotation, node.target.id),
            _default(node.target.id),
            " ".join(about.split()),
        )


def _annotation(node: ast.expr, name: str) -> str:
    """The type as written; the name of an alias is replaced by the values that it allows."""
    annotation = Settings.model_fields[name].annotation
    if isinstance(node, ast.Name) and get_origin(annotation) is Literal:
        return f"Literal[{', '.join(map(repr, get_args(annotation)))}]"
    return ast.unparse(node)


def _docstring(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(ast.Constant(str(text))):
            return text
    return ""


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default is PydanticUndefined:
        return "made anew for each server"
    return f"`{field.default!r}`"


def page() -> str:
    """Return the text of the page."""
    parts, group = [HEAD], ""
    for setting in settings():
        if setting.group != group:
            group = setting.group
            parts.append(f"\n## {group[:1].upper()}{group[1:]}\n{TABLE}")
        cells = (f"`{setting.name}`", f"`{setting.annotation}`", setting.default, setting.about)
        parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
