"""The data of a meeting session, which clients and the REST API share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel, check_json

LONGEST_SESSION_DATA = 102_400
"""Characters of JSON."""


def _sayable(value: Any) -> Any:
    check_json(value)
    return value


Json = Annotated[JsonValue, AfterValidator(_sayable)]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_sayable)]


class SetSessionData(RequestModel):
    """`shallow-merge` keeps the keys that are neither in `data` nor in `keysToDelete`."""

    data: JsonObject = Field(default_factory=dict, examples=[{"hello": "world"}])
    merge_strategy: Literal["replace", "shallow-merge"] = "replace"
    keys_to_delete: tuple[str, ...] = ()


def merged(before: Mapping[str, Any], wanted: SetSessionData) -> dict[str, Any]:
    """What becomes of the data. Raises InvalidRequest."""
    if wanted.keys_to_delete and wanted.merge_strategy == "replace":
        raise InvalidRequest("keysToDelete needs mergeStrategy shallow-merge")
    data: dict[str, Any] = dict(wanted.data)
    if wanted.merge_strategy == "shallow-merge":
        kept = {key: value for key, value in before.items() if key not in wanted.keys_to_delete}
        data = {**kept, **data}
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > LONGEST_SESSION_DATA:
        raise InvalidRequest(f"data has {size} characters of JSON but may have at most {LONGEST_SESSION_DATA}")
    return data
