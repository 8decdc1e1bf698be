"""`run --client`: another program in the place of a scenario's client."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenarios.language.field_types import Tree
from scenarios.loading.yaml_source import YamlSource


def with_client(source: YamlSource, command: str) -> YamlSource:
    """The source with `command` as the client's, run in the current folder; its other fields stay as they are."""
    if not isinstance(source.tree, dict):
        return source
    client = source.tree.get("client")
    kept = {name: value for name, value in client.items() if name != "joins"} if isinstance(client, dict) else {}
    program: dict[str, Tree] = {**kept, "command": command, "cwd": str(Path.cwd())}
    return replace(source, tree={**source.tree, "client": program})
