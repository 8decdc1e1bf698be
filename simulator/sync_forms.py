"""Writes the blocking forms of the async handles, so that plain tests have the same verbs without `await`.

`python -m simulator.sync_forms OUTPUT MODULE:CLASS...` reads each class from its source and writes one `Sync…` class
for it: async methods block until the owner loop has run them, properties and plain methods pass through, and handles
among the results come back in their blocking form. The output is committed; a test keeps it in step with its source.
"""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NOT_WRITTEN = frozenset(
    {"owner_loop", "plug_in", "unplug", "plugged_in", "behave", "notice", "remove", "replug", "route", "log", "audio"}
    | {"audio_line", "adopt", "agents", "capturing", "line_is", "relay"}
)
"""What the parts of the simulator say to each other."""


@dataclass(slots=True)
class Writer:
    """Gathers the imports that the written annotations need."""

    wrapped: dict[str, str]
    """Handle class to the module of its blocking form."""
    output_module: str
    imports: set[tuple[str, str]] = field(default_factory=set)
    overloaded: set[str] = field(default_factory=set)

    def blocking(self, annotation: str) -> str:
        """The annotation with handles replaced by their blocking forms."""
        tree = ast.parse(annotation, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in self.wrapped:
                node.id = f"Sync{node.id}"
        return ast.unparse(tree)

    def converted(self, annotation: str, value: str) -> str:
        """An expression for `value` in its blocking form."""
        for name, module in self.wrapped.items():
            names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
            if name not in names:
                continue
            if module != self.output_module:
                self.imports.add((module, f"Sync{name}"))
            if annotation == name:
                return f"Sync{name}({value})"
            if annotation == f"list[{name}]":
                return f"[Sync{name}(each) for each in {value}]"
            raise ValueError(f"no blocking form is known for {annotation!r}")
        return value

    def need(self, annotation: ast.AST | None, known: dict[str, str]) -> None:
        """Import what `annotation` names, from where its own module has it."""
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Name) and node.id in known and node.id not in self.wrapped:
                self.imports.add((known[node.id], node.id))


def write(output_module: str, targets: Sequence[str], elsewhere: dict[str, str]) -> str:
    """The source text of `output_module`; `elsewhere` are handles whose blocking form is in another module."""
    here = {name: module for module, name in (target.split(":") for target in targets)}
    writer = Writer(dict.fromkeys(here, output_module) | elsewhere, output_module)
    bodies = [_class(writer, module, name) for name, module in here.items()]
    imports = {
        ("simulator.owner_loop", "OwnerLoop"),
        *writer.imports,
        *((module, name) for name, module in here.items()),
    }
    lines = [f"from {module} import {name}" for module, name in sorted(imports)]
    doc = '"""Handles for plain tests: the same verbs, blocking. Written by simulator/sync_forms.py; do not edit."""'
    return "\n".join([doc, "", "from __future__ import annotations", "", *lines, "", "", *bodies])


def _class(writer: Writer, module: str, name: str) -> str:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"no module {module!r}")
    tree = ast.parse(Path(spec.origin).read_text())
    known = dict(_names(tree, module))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    doc = (ast.get_docstring(found) or "").splitlines()[0]
    lines = [
        f"class Sync{name}:",
        f'    """{doc}"""',
        "",
        f"    def __init__(self, handle: {name}) -> None:",
        "        self.handle = handle",
        '        """The async form."""',
        "        self._owner_loop: OwnerLoop = handle.owner_loop",
        "",
        "    def __repr__(self) -> str:",
        "        return repr(self.handle)",
        "",
    ]
    for attribute, annotation, text in _attributes(found):
        writer.need(annotation, known)
        lines += _property(writer, attribute, ast.unparse(annotation), text)
    for node in found.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            lines += _method(writer, node, known)
    return "\n".join([*lines, ""])


def _method(writer: Writer, node: ast.FunctionDef | ast.AsyncFunctionDef, known: dict[str, str]) -> Iterator[str]:
    doc = ast.get_docstring(node) or ""
    returns = ast.unparse(node.returns) if node.returns else "None"
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if node.name in NOT_WRITTEN:
        return
    if "property" in decorators:
        writer.need(node.returns, known)
        yield from _property(writer, node.name, returns, doc)
        return
    is_async = isinstance(node, ast.AsyncFunctionDef)
    for argument in (*node.args.args, *node.args.kwonlyargs, node.args.kwarg):
        if argument is not None:
            writer.need(argument.annotation, known)
    writer.need(node.returns, known)
    call = f"self.handle.{node.name}({', '.join(_passed(node.args))})"
    value = writer.converted(returns, f"self._owner_loop.call({call})" if is_async else call)
    if "overload" in decorators:
        writer.imports.add(("typing", "overload"))
        writer.overloaded.add(node.name)
        yield "    @overload"
        yield f"    def {node.name}({ast.unparse(node.args)}) -> {writer.blocking(returns)}: ..."
        yield ""
        return
    overloaded = node.name in writer.overloaded
    if overloaded:
        writer.imports.add(("typing", "Any"))
    yield f"    def {node.name}({ast.unparse(node.args)}) -> {'Any' if overloaded else writer.blocking(returns)}:"
    yield from _docstring(doc)
    yield f"        {value}" if returns == "None" else f"        return {value}"
    yield ""


def _property(writer: Writer, name: str, annotation: str, doc: str) -> Iterator[str]:
    yield "    @property"
    yield f"    def {name}(self) -> {writer.blocking(annotation)}:"
    yield from _docstring(doc)
    yield f"        return {writer.converted(annotation, f'self.handle.{name}')}"
    yield ""


def _docstring(doc: str) -> Iterator[str]:
    if doc:
        first, *rest = doc.splitlines()
        lines = [f'"""{first}', *rest]
        lines = [*lines, '"""'] if rest else [f'"""{first}"""']
        yield from (f"        {line}".rstrip() for line in lines)


def _passed(arguments: ast.arguments) -> Iterator[str]:
    yield from (argument.arg for argument in arguments.args[1:])
    yield from (f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs)
    if arguments.kwarg is not None:
        yield f"**{arguments.kwarg.arg}"


def _attributes(found: ast.ClassDef) -> Iterator[tuple[str, ast.expr, str]]:
    """Public attributes that `__init__` annotates, with the string that documents them."""
    init = next((node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"), None)
    statements = init.body if init else []
    for at, statement in enumerate(statements):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Attribute):
            name = statement.target.attr
            following = statements[at + 1] if at + 1 < len(statements) else None
            if not name.startswith("_") and name not in NOT_WRITTEN:
                yield name, statement.annotation, _text(following)


def _text(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return str(statement.value.value)
    return ""


def _names(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((alias.asname or alias.name, node.module) for alias in node.names)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            yield statement.name, module
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, module


HANDLES = {
    "simulator/sync.py": (
        "simulator.phone_call:PhoneCall",
        "simulator.phone:Phone",
        "simulator.network:Network",
    ),
    "fake_daily_server/sync.py": (
        "fake_daily_server.client:Client",
        "fake_daily_server.server:FakeDaily",
        "fake_daily_server.webhooks.receiver:WebhookReceiver",
    ),
}
"""What has a blocking form, and in which file."""


def render(path: str) -> str:
    """The text that the committed file should have."""
    module = path.removesuffix(".py").replace("/", ".")
    elsewhere = {
        target.split(":")[1]: other.removesuffix(".py").replace("/", ".")
        for other, targets in HANDLES.items()
        if other != path
        for target in targets
    }
    text = write(module, HANDLES[path], elsewhere)
    for command in (["check", "--fix", "-q", "--select", "I"], ["format", "-q"]):
        text = subprocess.run(  # noqa: S603 - our own tool on our own text
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", path, "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return text


if __name__ == "__main__":
    for path in HANDLES:
        Path(path).write_text(render(path))
