"""`python -m tools.python_pages` writes the reference pages of the public Python names, from signatures and docstrings.

griffe reads the sources without importing them. A page has the names of one package's `__all__`; members without a
docstring are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
PAGES = {
    "fake_daily_server": ("python-server", "the server, its rooms, clients and webhook receivers"),
    "simulator": ("python-network", "the telephone network, its phones and calls"),
}
"""By package: the name of its page, and what the package is for."""

_SYNC = "Sync"
_ERRORS = ("Exception", "SimulatorError", "DailyError")


def pages() -> dict[Path, str]:
    """The pages as they should be."""
    loader = griffe.GriffeLoader(search_paths=[ROOT], allow_inspection=False)
    packages = {name: loader.load(name) for name in ("simulator", "fake_daily_server")}
    loader.resolve_aliases()
    return {
        FOLDER / f"{name}.md": "\n".join(_page(package, packages[package], about))
        for package, (name, about) in PAGES.items()
    }


def public_names(package: griffe.Object | griffe.Alias) -> list[str]:
    """The names in `__all__`, blocking forms left out: they have the methods of the async ones."""
    return [str(name) for name in package.exports or () if not str(name).startswith(_SYNC)]


def _page(package: str, module: griffe.Object | griffe.Alias, about: str) -> Iterator[str]:
    names = public_names(module)
    blocking = {str(name).removeprefix(_SYNC) for name in module.exports or () if str(name).startswith(_SYNC)}
    classes = {name: _target(module[name]) for name in names}
    errors = [name for name in names if _is_error(classes[name])]
    yield f"# Python: `{package}`\n"
    yield f"The public names of the package: {about}. Written from the sources by `make generate`; do not edit.\n"
    yield f"```python\nfrom {package} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n```\n"
    yield (
        "Methods that begin with `await` can be awaited on any loop. The blocking forms have the same methods without\n"
        f"`await`: {', '.join(f'`{_SYNC}{name}`' for name in sorted(blocking))}. Everything else of the package may\n"
        "change without notice.\n"
    )
    for name in names:
        if name not in errors:
            yield from _class(name, classes[name], blocking=name in blocking)
    yield "## Errors\n"
    yield "| name | raised when |\n|---|---|"
    for name in errors:
        yield f"| `{name}` | {_cell(_docstring(classes[name]))} |"
    yield ""


def _class(name: str, target: griffe.Object, *, blocking: bool) -> Iterator[str]:
    yield f"## {name}\n"
    if documented := _docstring(target):
        yield f"{documented}\n"
    if blocking:
        yield f"Blocking form: `{_SYNC}{name}`.\n"
    members = [(each, _target(member)) for each, member in target.all_members.items() if not each.startswith("_")]
    shown = [(each, member) for each, member in members if _docstring(member)]
    attributes = [(each, member) for each, member in shown if not member.is_function]
    if attributes:
        yield "| attribute | type | what it is |\n|---|---|---|"
        for each, member in attributes:
            annotation = str(getattr(member, "annotation", None) or "").replace("|", "\\|")
            yield f"| `{each}` | {f'`{annotation}`' if annotation else ''} | {_cell(_docstring(member))} |"
        yield ""
    for each, member in shown:
        if isinstance(member, griffe.Function):
            yield f"### {name}.{each}\n"
            yield f"```text\n{'await ' if 'async' in member.labels else ''}{_signature(member)}\n```\n"
            yield f"{_docstring(member)}\n"


def _signature(function: griffe.Function) -> str:
    """The signature on one line; one parameter per line if that is longer than 100 characters."""
    line = str(function.signature())
    if len(line) <= 100:
        return line
    parameters = [str(each) for each in function.parameters if each.name not in ("self", "cls")]
    kinds = [each.kind for each in function.parameters if each.name not in ("self", "cls")]
    named = griffe.ParameterKind.keyword_only
    if named in kinds and griffe.ParameterKind.var_positional not in kinds:
        parameters.insert(kinds.index(named), "*")
    returned = f" -> {function.returns}" if function.returns else ""
    return f"{function.name}(\n" + "".join(f"    {each},\n" for each in parameters) + f"){returned}"


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _is_error(target: griffe.Object) -> bool:
    bases = [str(base) for base in getattr(target, "bases", ())]
    inherited = [each.name for each in target.mro()] if isinstance(target, griffe.Class) else []
    return any(base in _ERRORS for base in (*bases, *inherited))


def _docstring(member: griffe.Object) -> str:
    return member.docstring.value if member.docstring else ""


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
