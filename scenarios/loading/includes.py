"""`include`: steps and set-up that several scenario files share.

A step `include: _login.yaml` stands for the `steps` of that file; `include: _desk.yaml` (or a list) at the top of a
file adds that file's rooms, clients, programs, phones and settings. What a file itself says precedes what it includes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenarios.language.field_types import Tree
from scenarios.language.suggestions import nearest_word
from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.yaml_source import FieldPath, YamlSource

INCLUDE = "include"
_OF_ONE_FILE = ("title", "steps", "cases", "parameters", "tags", "runs", "expected_failure", "include")
"""Fields that are not taken over from an included file."""


def with_includes(source: YamlSource, chain: Sequence[Path] = ()) -> YamlSource:
    """The source with the included files in place. Raises InvalidScenarios.

    `chain` are the files that include this one, the outermost first.
    """
    if not isinstance(source.tree, dict):
        return source
    chain = (*chain, source.path.resolve())
    included = _with_shared_setup(source, chain)
    return _with_shared_steps(included, chain)


def _with_shared_setup(source: YamlSource, chain: Sequence[Path]) -> YamlSource:
    tree = source.tree
    if not isinstance(tree, dict) or INCLUDE not in tree:
        return source
    merged = source.without((INCLUDE,))
    names = tree[INCLUDE]
    for index, name in enumerate(names if isinstance(names, list) else [names]):
        path: FieldPath = (INCLUDE, index) if isinstance(names, list) else (INCLUDE,)
        other = _read(source, path, name, chain)
        for field in other.tree if isinstance(other.tree, dict) else ():
            if field not in _OF_ONE_FILE:
                merged = _merged(merged, (field,), other)
    return merged


def _merged(source: YamlSource, path: FieldPath, other: YamlSource) -> YamlSource:
    """The source with the value of `other` at `path`, where it has none itself; mappings are merged field by field."""
    here, there = source.value_at(path), other.value_at(path)
    if here is None:
        return source.grafted(path, other, path)
    if isinstance(here, dict) and isinstance(there, dict):
        for name in there:
            source = _merged(source, (*path, name), other)
    return source


def _with_shared_steps(source: YamlSource, chain: Sequence[Path]) -> YamlSource:
    """The source with the steps that its own steps, and those of its tracks, include."""
    result = _with_steps_at(source, ("steps",), chain)
    steps = result.value_at(("steps",))
    for index in range(len(steps) if isinstance(steps, list) else 0):
        tracks = result.value_at(("steps", index, "tracks"))
        for name in tracks if isinstance(tracks, dict) else ():
            result = _with_steps_at(result, ("steps", index, "tracks", name), chain)
    return result


def _with_steps_at(source: YamlSource, path: FieldPath, chain: Sequence[Path]) -> YamlSource:
    """The source with the steps that the list at `path` includes."""
    steps = source.value_at(path)
    if not isinstance(steps, list) or not any(isinstance(step, dict) and INCLUDE in step for step in steps):
        return source
    result = source.with_value(path, [])
    count = 0
    for index, step in enumerate(steps):
        origin: FieldPath = (*path, index)
        if not isinstance(step, dict) or INCLUDE not in step:
            result = result.grafted((*path, count), source, origin)
            count += 1
            continue
        if further := [name for name in step if name != INCLUDE]:
            text = f"a step with `include` has nothing else; make {further[0]!r} a step of its own"
            raise InvalidScenarios([source.problem((*origin, further[0]), text, of_key=True)])
        other = _read(source, (*origin, INCLUDE), step[INCLUDE], chain)
        shared = other.value_at(("steps",))
        if not isinstance(shared, list):
            text = f"{other.path} has no list of `steps` to include; add it, or include the file at the top"
            raise InvalidScenarios([source.problem((*origin, INCLUDE), text)])
        for number in range(len(shared)):
            result = result.grafted((*path, count), other, ("steps", number))
            count += 1
    return result


def _read(source: YamlSource, path: FieldPath, name: Tree, chain: Sequence[Path]) -> YamlSource:
    """Read the file that `source` includes at `path`, with its own includes in place."""
    if not isinstance(name, str) or not name:
        raise InvalidScenarios([source.problem(path, "name a file, such as `include: _login.yaml`")])
    file = source.file_of(path).parent / name
    if file.resolve() in chain:
        route = " → ".join(each.name for each in (*chain[chain.index(file.resolve()) :], file))
        raise InvalidScenarios([source.problem(path, f"the file includes itself: {route}; remove one of the includes")])
    try:
        return with_includes(YamlSource.read(file), chain)
    except OSError as error:
        near = nearest_word(file.name, (each.name for each in file.parent.glob("*.y*ml")))
        hint = f"; did you mean {near!r}?" if near else "; a path starts at the folder of this file"
        problem = source.problem(path, f"{file} cannot be read: {error.strerror}{hint}")
        raise InvalidScenarios([problem]) from None
