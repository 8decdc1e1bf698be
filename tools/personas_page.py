"""`python -m tools.personas_page` writes docs/reference/personas.md from the test numbers, persona files and steps."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from simulator.personas import steps
from simulator.personas.catalogue import Personas
from simulator.personas.persona import Persona
from simulator.test_numbers import HOST, TABLE

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "personas.md"

HEAD = """\
# Test numbers and personas

The far ends that come with the project. Written from `simulator/personas/` and `simulator/test_numbers.py` by
`make generate`; do not edit. [Personas](../personas.md) explains how to use them and how to write one.
"""


def page() -> str:
    """The text of the page."""
    personas = Personas()
    parts = [HEAD, *_numbers(personas), "## Personas\n"]
    for name in personas.names:
        parts.extend(_persona(personas.get(name)))
    parts.extend(_steps())
    return "\n".join(parts)


def _numbers(personas: Personas) -> Iterator[str]:
    yield "## Test numbers\n"
    yield "| number | SIP URI | what the caller gets | persona |\n|---|---|---|---|"
    for each in TABLE:
        chosen = ", ".join(f"`{name}: {value}`" for name, value in each.parameters.items())
        about = each.about or personas.get(each.persona).file.about
        of = f"[{each.persona}](#{each.persona})" + (f" with {chosen}" if chosen else "")
        yield f"| `{each.number}` | `{each.uri}` | {about} | {of} |"
    yield f"\nEach persona can also be called by its own name, as `sip:NAME@{HOST}`.\n"


def _persona(persona: Persona) -> Iterator[str]:
    yield f"### {persona.name}\n\n{persona.file.about}\n"
    if persona.file.parameters:
        yield "| parameter | type | default | meaning |\n|---|---|---|---|"
        for name, each in persona.file.parameters.items():
            default = f"`{_shown(each.default)}`" if each.default != "" else "empty"
            yield f"| `{name}` | {each.type} | {default} | {each.about} |"
        yield ""
    if persona.file.phone:
        fields = (f"`{name}: {_shown(value)}`" for name, value in persona.file.phone.items())
        yield f"Its phone has {', '.join(fields)}.\n"
    yield f"```yaml\n{_script(persona.path)}\n```\n"


def _script(path: Path) -> str:
    """The steps in a persona's file, as they stand there."""
    lines = path.read_text(encoding="utf-8").splitlines()
    begin = next(at for at, line in enumerate(lines) if line in ("called:", "calling:"))
    return "\n".join(lines[begin:])


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) + "}"
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list) else str(value)


def _steps() -> Iterator[str]:
    yield "## Steps\n"
    yield "| step | fields | what the far end does |\n|---|---|---|"
    for word, step in steps.STEPS.items():
        fields = ", ".join(f"`{name}`" for name in step.model_fields if name != word)
        yield f"| `{word}` | {fields} | {_one_line(step)} |"
    for model in (steps.Menu, steps.Branch):
        yield f"\n### The fields of `{model.__name__.lower()}`\n"
        yield "| field | default | meaning |\n|---|---|---|"
        for name, about in _field_docs(model).items():
            field = model.model_fields[name]
            default = "required" if field.is_required() else f"`{_default(field.default)}`"
            yield f"| `{name}` | {default} | {about} |"
    yield ""


def _one_line(model: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(model) or "").split())


def _default(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(each.word if isinstance(each, steps.Step) else str(each) for each in value)}]"
    return str(value).lower() if isinstance(value, bool | type(None)) else str(value) or '""'


def _field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The attribute docstrings of a model's fields."""
    (found,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(found, ast.ClassDef)  # noqa: S101
    docs: dict[str, str] = {}
    for field, doc in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
            docs[ast.unparse(field.target)] = " ".join(str(doc.value.value).split())
    return docs


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
