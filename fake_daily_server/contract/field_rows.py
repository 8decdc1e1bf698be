"""The contract as rows: one for each field of the schema files, with the source of the field."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

CONTRACTS = ("events", "webhooks", "rest", "signalling")

Format = Literal["text", "markdown", "json"]


@dataclass(frozen=True, slots=True)
class Row:
    """One field. `type` is a type of JSON Schema, or the name of another object."""

    contract: str
    object: str
    field: str
    type: str
    required: bool
    page: str
    confidence: str
    url: str | None = None
    decided: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The row as a JSON object, without absent values."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in known.items() if value is not None}


def rows(contracts: Iterable[str] = CONTRACTS) -> Iterator[Row]:
    """Yield all fields of these contracts, read from the schema files. Objects in several contracts occur once."""
    seen: set[tuple[str, ...]] = set()
    for contract in contracts:
        schema = json.loads(Path(__file__).with_name(f"{contract}.json").read_text(encoding="utf-8"))
        for name, definition in schema["$defs"].items():
            fields = (name, *definition.get("properties", ()))
            if fields in seen:
                continue
            seen.add(fields)
            for field, about in definition.get("properties", {}).items():
                if (source := about.get("x-source")) is not None:
                    yield Row(
                        contract,
                        name,
                        field,
                        _type(about),
                        field in definition.get("required", ()),
                        source["page"],
                        source["confidence"],
                        source.get("url"),
                        source.get("decided"),
                    )


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        return str(about["$ref"]).rpartition("/")[2]
    if "const" in about:
        return json.dumps(about["const"])
    if "enum" in about:
        return " | ".join(json.dumps(value) for value in about["enum"])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in about:
            return " | ".join(dict.fromkeys(_type(one) for one in about[choice]))
    if about.get("type") == "array":
        return f"{_type(about['items'])}[]" if isinstance(about.get("items"), dict) else "array"
    return str(about.get("type", "any"))


def formatted(found: Sequence[Row], output: Format) -> str:
    """Format the rows as text, as a Markdown table, or as a JSON array."""
    if output == "json":
        return json.dumps([row.as_dict() for row in found], indent=2, ensure_ascii=False)
    if output == "markdown":
        lines = ["| contract | object | field | type | page | confidence | decided |", "|---|---|---|---|---|---|---|"]
        cells = ([r.contract, r.object, r.field, r.type, r.page, r.confidence, r.decided or ""] for r in found)
        return "\n".join([*lines, *("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells)])
    return "\n\n".join(
        _block(name, list(block)) for name, block in groupby(found, key=lambda r: (r.contract, r.object))
    )


def _block(name: tuple[str, str], fields: Sequence[Row]) -> str:
    lines = [" · ".join(name)]
    width = max(len(row.field) + (not row.required) for row in fields)
    for row in fields:
        field = row.field if row.required else f"{row.field}?"
        lines.append(f"  {field:<{width}}  {row.confidence:<10}  {row.page}  ({row.type})")
        if row.decided:
            indent = " " * (width + 4)
            lines.append(textwrap.fill(row.decided, 110, initial_indent=indent, subsequent_indent=indent))
    return "\n".join(lines)
