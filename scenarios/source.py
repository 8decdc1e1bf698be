"""YAML as a scenario file uses it: every scalar is text, and every value knows its line and column.

`"012"`, `012` and `12` are three different texts; what a field makes of its text is the model's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from scenarios.problems import InvalidScenarios, Place, Problem

Tree = str | list["Tree"] | dict[str, "Tree"]
"""What a file consists of once it is read."""

Way = tuple[str | int, ...]
"""The way from the top of a file to a value: field names and positions in lists."""

DEEPEST = 20
"""Levels of nesting; a scenario needs about six."""


@dataclass(frozen=True)
class Source:
    """One file's tree, and where each key and each value of it stands."""

    path: Path
    tree: Tree
    _values: dict[Way, Place] = field(default_factory=dict)
    _keys: dict[Way, Place] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Source:
        """Raises InvalidScenarios for what is no YAML mapping of texts, OSError for what cannot be opened."""
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as wrong:
            before = path.read_bytes()[: wrong.start]
            place = Place(before.count(b"\n") + 1, len(before.rpartition(b"\n")[2]) + 1)
            raise _invalid(path, place, "this is not UTF-8 text; save the file as UTF-8") from None
        return cls.parse(text, path)

    @classmethod
    def parse(cls, text: str, path: Path) -> Source:
        """As `read`, from text at hand; `path` is for messages."""
        try:
            node = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as wrong:
            raise _invalid(path, _place(wrong.problem_mark), _yaml_text(wrong)) from None
        except yaml.YAMLError as wrong:
            raise _invalid(path, None, f"not YAML: {str(wrong).splitlines()[0]}") from None
        if not isinstance(node, yaml.MappingNode):
            found = "it is empty" if node is None else "it is something else"
            raise _invalid(path, Place(1, 1), f"a scenario is a mapping that begins `title: …`; {found}")
        reader = _Reader(path)
        tree = reader.value(node, ())
        if reader.problems:
            raise InvalidScenarios(reader.problems)
        return cls(path, tree, reader.values, reader.keys)

    def place(self, way: Sequence[str | int], *, of_key: bool = False) -> Place | None:
        """Where the value at `way` stands (or its key); for a way that leads on past the tree, its last known step."""
        known = tuple(way)
        while known and known not in self._values:
            known = known[:-1]
        if of_key and known == tuple(way) and known in self._keys:
            return self._keys[known]
        return self._values.get(known)

    def at(self, way: Sequence[str | int]) -> Tree | None:
        """The value at `way`, or None."""
        found: Tree = self.tree
        for step in way:
            match found, step:
                case dict(), str() if step in found:
                    found = found[step]
                case list(), int() if step < len(found):
                    found = found[step]
                case _:
                    return None
        return found

    def texts(self, way: Way = ()) -> Iterator[tuple[Way, str]]:
        """Every text at and below `way`, with the way to it."""
        value = self.at(way)
        if isinstance(value, str):
            yield way, value
        elif isinstance(value, dict):
            for key in value:
                yield from self.texts((*way, key))
        elif isinstance(value, list):
            for index in range(len(value)):
                yield from self.texts((*way, index))


class _Reader:
    """Nodes to a tree; notes the places and what a plain reader would silently pass over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[Way, Place] = {}
        self.keys: dict[Way, Place] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, way: Way) -> Tree:
        self.values[way] = _place(node.start_mark)
        if len(way) > DEEPEST:
            self._problem(node, way, f"nested deeper than {DEEPEST} levels")
            return ""
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, way)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*way, index)) for index, each in enumerate(node.value)]
        return str(node.value)

    def _mapping(self, node: yaml.MappingNode, way: Way) -> Tree:
        tree: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, way, "a key is a word, not a list or a mapping")
                continue
            key = str(key_node.value)
            if key in tree:
                first = self.keys[(*way, key)]
                self._problem(key_node, (*way, key), f"written twice; the first is in line {first.line}")
                continue
            self.keys[(*way, key)] = _place(key_node.start_mark)
            tree[key] = self.value(value_node, (*way, key))
        return tree

    def _problem(self, node: yaml.Node, way: Way, text: str) -> None:
        self.problems.append(Problem(self.path, _place(node.start_mark), spell(way), text))


def spell(way: Sequence[str | int]) -> str:
    """`steps[2].with.phoneNumber`; a list counts from 1, as people do."""
    text = ""
    for step in way:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _place(mark: yaml.Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _invalid(path: Path, place: Place | None, text: str) -> InvalidScenarios:
    return InvalidScenarios([Problem(path, place, "", text)])


def _yaml_text(wrong: yaml.MarkedYAMLError) -> str:
    context = f"{wrong.context}, " if wrong.context else ""
    hint = ""
    if "\\t" in str(wrong.problem):
        hint = "; indent with spaces"
    elif "mapping values are not allowed" in str(wrong.problem):
        hint = "; quote a text that has a colon in it"
    return f"not YAML: {context}{wrong.problem}{hint}"
