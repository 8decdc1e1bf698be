"""`cases`: one file, many scenarios. Each row of the table has a name and the values of the parameters `$name`.

`parameters` are the values that a row need not have. They are replaced before anything else is read, so that they can
stand anywhere in a file: in phones, settings, keys, within texts, and as whole lists or mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scenarios.language.field_types import Tree
from scenarios.language.references import references
from scenarios.language.suggestions import suggestion
from scenarios.loading.problems import InvalidScenarios, Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.scenario_setup import RESERVED_NAMES

CASES, PARAMETERS, NAME = "cases", "parameters", "name"
OF_A_CASE = ("expected_failure", "tags")
"""Fields of a whole scenario that a row can have for its case."""
_LONGEST_NAME = 60
_PARAMETER = re.compile(r"[A-Za-z_]\w*")
_REFERENCE = re.compile(r"\$(?:\$|\{(?P<braced>[\w.-]+)\}|(?P<bare>[A-Za-z_][\w-]*))")


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario of a file: its name, None in a file without `cases`, and its source."""

    name: str | None
    source: YamlSource


def cases_of(source: YamlSource) -> list[Case]:
    """The scenarios of a file. Raises InvalidScenarios for a table that cannot be used."""
    tree = source.tree
    if not isinstance(tree, dict) or not {CASES, PARAMETERS} & tree.keys():
        return [Case(None, source)]
    problems = list(_problems(source))
    if problems:
        raise InvalidScenarios(problems)
    defaults: FieldPath = (PARAMETERS,)
    given = {name: (*defaults, name) for name in _mapping(source.value_at(defaults))}
    bare = source.without((CASES,)).without((PARAMETERS,))
    if CASES not in tree:
        return [Case(None, _filled(bare, source, given))]
    return list(_rows(source, bare, given))


def _rows(source: YamlSource, bare: YamlSource, given: Mapping[str, FieldPath]) -> Iterator[Case]:
    rows = source.value_at((CASES,))
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        path: FieldPath = (CASES, index)
        own = {name: (*path, name) for name in _mapping(row) if name not in (NAME, *OF_A_CASE)}
        filled = _filled(bare, source, {**given, **own})
        for field in OF_A_CASE:
            filled = filled.grafted((field,), source, (*path, field))
        yield Case(str(_mapping(row)[NAME]), filled)


# --- problems of a table -------------------------------------------------------------------------------------


def _problems(source: YamlSource) -> Iterator[Problem]:
    parameters = source.value_at((PARAMETERS,))
    if parameters is not None and not isinstance(parameters, dict):
        yield source.problem((PARAMETERS,), "must be a mapping such as {ring_ms: 200}")
        return
    rows = source.value_at((CASES,))
    if rows is None:
        yield from _name_problems(source, _mapping(parameters), (PARAMETERS,))
        return
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        yield source.problem((CASES,), "must be a list of mappings, such as `- {name: busy, calls: busy}`")
        return
    columns = {name: None for row in rows for name in _mapping(row) if name not in (NAME, *OF_A_CASE)}
    yield from _row_problems(source, [_mapping(row) for row in rows], [*columns], _mapping(parameters))


def _row_problems(
    source: YamlSource, rows: list[dict[str, Tree]], columns: list[str], parameters: Mapping[str, Tree]
) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        path: FieldPath = (CASES, index)
        name = row.get(NAME)
        if not isinstance(name, str) or not name or len(name) > _LONGEST_NAME:
            yield source.problem((*path, NAME), f"each case has a `name` of 1 to {_LONGEST_NAME} characters")
        elif name in seen:
            yield source.problem((*path, NAME), f"{name!r} is the name of case {seen[name]}, too; give each its own")
        else:
            seen[name] = index + 1
        for column in columns:
            if column not in row and column not in parameters:
                other = next(number for number, each in enumerate(rows) if column in each)
                text = f"the case lacks {column!r}, which case {other + 1} has; add it, or a default to `parameters`"
                yield source.problem(path, text)
    yield from _name_problems(source, {**dict.fromkeys(columns, ""), **parameters}, (CASES,))


def _name_problems(source: YamlSource, names: Mapping[str, Tree], path: FieldPath) -> Iterator[Problem]:
    used = {name.partition(".")[0] for name in _references_outside(source)}
    taken = {*RESERVED_NAMES}
    for section in ("phones", "clients", "programs", "rooms"):
        taken |= _mapping(source.value_at((section,))).keys()
    for name in names:
        place = next((each for each in _places(source, name)), path)
        if not _PARAMETER.fullmatch(name):
            yield source.problem(place, f"{name!r} cannot be the name of a parameter; allowed: letters, digits and _")
        elif name in taken:
            yield source.problem(place, f"${name} is already the name of something else; choose another name")
        elif name not in used:
            known = suggestion(name, sorted(used - taken), label="used")
            yield source.problem(place, f"${name} is used nowhere in the file{known}")


def _places(source: YamlSource, name: str) -> Iterator[FieldPath]:
    rows = source.value_at((CASES,))
    count = len(rows) if isinstance(rows, list) else 0
    for path in ((PARAMETERS, name), *((CASES, index, name) for index in range(count))):
        if source.value_at(path) is not None:
            yield path


def _references_outside(source: YamlSource) -> Iterator[str]:
    for path, text in source.texts():
        if path[0] not in (CASES, PARAMETERS):
            yield from references(text)


# --- values in place -----------------------------------------------------------------------------------------


def _filled(source: YamlSource, table: YamlSource, places: Mapping[str, FieldPath]) -> YamlSource:
    """The source with each `$name` replaced by the value of `table` at its place."""
    filled = source
    for path, text in list(source.texts()):
        if source.value_at(path) != text or not any(name in places for name in references(text)):
            continue
        whole = _REFERENCE.fullmatch(text)
        name = whole and (whole["braced"] or whole["bare"])
        if name and name in places:
            filled = filled.grafted(path, table, places[name])
        else:
            filled = filled.with_value(path, _inserted(text, table, places))
    return filled


def _inserted(text: str, table: YamlSource, places: Mapping[str, FieldPath]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["bare"]
        given = table.value_at(places[name]) if name in places else None
        return given if isinstance(given, str) else found[0]

    return _REFERENCE.sub(value, text)


def _mapping(tree: Tree | None) -> dict[str, Tree]:
    return tree if isinstance(tree, dict) else {}
