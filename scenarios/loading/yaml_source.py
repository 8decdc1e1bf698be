"""Reads YAML with every scalar as text, and with the line and column of every value.

`012` is the text "012", not a number; the model of a scenario determines the type of each field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import yaml

from scenarios.language.field_types import Tree
from scenarios.loading.problems import InvalidScenarios, Location, Problem

T = TypeVar("T")

FieldPath = tuple[str | int, ...]
"""The path from the top of a file to a value: field names, and indices in lists from 0."""

DEEPEST_NESTING = 20
"""Maximum depth of nesting; a scenario needs about six levels."""


@dataclass(frozen=True)
class YamlSource:
    """The content of one file, and the location of each of its keys and values."""

    path: Path
    tree: Tree
    _values: dict[FieldPath, Location] = field(default_factory=dict)
    _keys: dict[FieldPath, Location] = field(default_factory=dict)
    _rests: dict[FieldPath, str] = field(default_factory=dict)
    _files: dict[FieldPath, Path] = field(default_factory=dict)
    """The files of values that were included from other files."""

    @classmethod
    def read(cls, path: Path) -> YamlSource:
        """Read a file. Raises InvalidScenarios unless it is a YAML mapping in UTF-8; OSError if it cannot be read."""
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            before = path.read_bytes()[: error.start]
            location = Location(before.count(b"\n") + 1, len(before.rpartition(b"\n")[2]) + 1)
            raise _invalid(path, location, "this is not UTF-8 text; save the file as UTF-8") from None
        return cls.parse(text, path)

    @classmethod
    def parse(cls, text: str, path: Path) -> YamlSource:
        """Parse the text of a file; `path` is the file's name in problems. Raises InvalidScenarios like `read`."""
        try:
            node = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            raise _invalid(path, _location(error.problem_mark), _yaml_error_text(error)) from None
        except yaml.YAMLError as error:
            raise _invalid(path, None, f"not YAML: {str(error).splitlines()[0]}") from None
        if not isinstance(node, yaml.MappingNode):
            content = "a list" if isinstance(node, yaml.SequenceNode) else "only a text"
            found = "the file is empty" if node is None else f"the file contains {content}"
            raise _invalid(path, Location(1, 1), f"a scenario is a mapping that begins with `title: …`; {found}")
        reader = _TreeReader(path, text.splitlines())
        tree = reader.read(node, ())
        if reader.problems:
            raise InvalidScenarios(reader.problems)
        return cls(path, tree, reader.values, reader.keys, reader.rests)

    def location(self, path: Sequence[str | int], *, of_key: bool = False) -> Location | None:
        """Location of the value at `path`, or of its key; of the deepest existing part if `path` does not exist."""
        known = tuple(path)
        while known and known not in self._values:
            known = known[:-1]
        if of_key and known == tuple(path) and known in self._keys:
            return self._keys[known]
        return self._values.get(known)

    def problem(self, path: FieldPath, text: str, *, of_key: bool = False) -> Problem:
        """The problem `text` of the value at `path`, or of its key."""
        return Problem(self.file_of(path), self.location(path, of_key=of_key), path_text(path), text)

    def file_of(self, path: FieldPath) -> Path:
        """The file in which the value at `path` stands: this one, or one that it includes."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._files:
                return self._files[path[:length]]
        return self.path

    def without(self, path: FieldPath) -> YamlSource:
        """A copy without the value at `path`."""
        return replace(self, tree=_changed(self.tree, path, None))

    def grafted(self, path: FieldPath, other: YamlSource, origin: FieldPath) -> YamlSource:
        """A copy with the value of `other` at `origin`, and its locations, at `path`."""
        value = other.value_at(origin)
        if value is None:
            return self
        return replace(self, tree=_changed(self.tree, path, value)).located_as(path, other, origin)

    def with_value(self, path: FieldPath, value: Tree) -> YamlSource:
        """A copy with another value at `path`, which keeps its location."""
        return replace(self, tree=_changed(self.tree, path, value))

    def located_as(self, path: FieldPath, other: YamlSource, origin: FieldPath) -> YamlSource:
        """A copy in which the value at `path`, and what is in it, has the locations of `other` at `origin`."""
        return replace(
            self,
            _values=_moved(self._values, path, other._values, origin),
            _keys=_moved(self._keys, path, other._keys, origin),
            _rests=_moved(self._rests, path, other._rests, origin),
            _files={**_moved(self._files, path, other._files, origin), path: other.file_of(origin)},
        )

    def rest_of_line(self, path: FieldPath) -> str:
        """What follows the unquoted text at `path` in its line, such as a comment; empty for any other value."""
        return self._rests.get(path, "")

    def value_at(self, path: Sequence[str | int]) -> Tree | None:
        """The value at `path`; None if there is none."""
        found: Tree = self.tree
        for part in path:
            match found, part:
                case dict(), str() if part in found:
                    found = found[part]
                case list(), int() if part < len(found):
                    found = found[part]
                case _:
                    return None
        return found

    def texts(self, path: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
        """Yield (path, text) for every text and every key at and below `path`."""
        value = self.value_at(path)
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for key in value:
                yield (*path, key), key
                yield from self.texts((*path, key))
        elif isinstance(value, list):
            for index in range(len(value)):
                yield from self.texts((*path, index))


class _TreeReader:
    """Converts YAML nodes to a tree with locations; reports keys that are duplicate or no scalars, and deep nesting."""

    def __init__(self, file: Path, lines: Sequence[str]) -> None:
        self.file = file
        self._lines = lines
        self.rests: dict[FieldPath, str] = {}
        self.values: dict[FieldPath, Location] = {}
        self.keys: dict[FieldPath, Location] = {}
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node, path: FieldPath) -> Tree:
        self.values[path] = _location(node.start_mark)
        if len(path) > DEEPEST_NESTING:
            self._problem(node, path, f"nested deeper than {DEEPEST_NESTING} levels")
            return ""
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(each, (*path, index)) for index, each in enumerate(node.value)]
        self.rests[path] = self._rest_of_line(node)
        return str(node.value)

    def _rest_of_line(self, node: yaml.Node) -> str:
        """What follows an unquoted scalar in its line."""
        quoted = not isinstance(node, yaml.ScalarNode) or node.style is not None
        end = node.end_mark
        return "" if quoted or end.line >= len(self._lines) else self._lines[end.line][end.column :]

    def _read_mapping(self, node: yaml.MappingNode, path: FieldPath) -> Tree:
        tree: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, path, "a key must be a word, not a list or a mapping")
                continue
            key = str(key_node.value)
            if key in tree:
                first = self.keys[(*path, key)]
                self._problem(key_node, (*path, key), f"appears twice; the first one is in line {first.line}")
                continue
            self.keys[(*path, key)] = _location(key_node.start_mark)
            tree[key] = self.read(value_node, (*path, key))
        return tree

    def _problem(self, node: yaml.Node, path: FieldPath, text: str) -> None:
        self.problems.append(Problem(self.file, _location(node.start_mark), path_text(path), text))


def _moved(
    own: Mapping[FieldPath, T], path: FieldPath, other: Mapping[FieldPath, T], origin: FieldPath
) -> dict[FieldPath, T]:
    """`own` with what `other` has at and below `origin`, at and below `path`."""
    kept = {each: found for each, found in own.items() if each[: len(path)] != path}
    moved = {(*path, *each[len(origin) :]): found for each, found in other.items() if each[: len(origin)] == origin}
    return {**kept, **moved}


def _changed(tree: Tree, path: FieldPath, value: Tree | None) -> Tree:
    """The tree with `value` at `path`, where a list may become one longer; without that field if `value` is None."""
    first, *rest = path
    if isinstance(tree, dict):
        name = str(first)
        if not rest and value is None:
            return {key: each for key, each in tree.items() if key != name}
        inner = value if not rest else _changed(tree[name], tuple(rest), value)
        return {**tree, name: "" if inner is None else inner}
    if isinstance(tree, list) and isinstance(first, int):
        items = list(tree)
        if first == len(items):
            items.append("")
        inner = value if not rest else _changed(items[first], tuple(rest), value)
        items[first] = "" if inner is None else inner
        return items
    return tree


def path_text(path: Sequence[str | int]) -> str:
    """A path as text for problems, with indices from 1: `steps[2].with.phoneNumber`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _location(mark: yaml.Mark | None) -> Location:
    return Location(mark.line + 1, mark.column + 1) if mark else Location(1, 1)


def _invalid(path: Path, location: Location | None, text: str) -> InvalidScenarios:
    return InvalidScenarios([Problem(path, location, "", text)])


def _yaml_error_text(error: yaml.MarkedYAMLError) -> str:
    context = f"{error.context}, " if error.context else ""
    hint = ""
    if "\\t" in str(error.problem):
        hint = "; indent with spaces"
    elif "mapping values are not allowed" in str(error.problem):
        hint = "; quote a text that has a colon in it"
    elif "expected ',' or" in str(error.problem):
        hint = '; ` #` begins a comment, so quote digits such as "12#"'
    return f"not YAML: {context}{error.problem}{hint}"
