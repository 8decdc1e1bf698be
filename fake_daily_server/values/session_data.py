"""Meeting session data: a JSON object that the clients of a session and the REST API share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel, check_json

MAX_SESSION_DATA_CHARACTERS = 102_400
"""Characters of compact JSON: the limit that daily-js has."""


def _expressible_in_json(value: Any) -> Any:
    check_json(value)
    return value


Json = Annotated[JsonValue, AfterValidator(_expressible_in_json)]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_expressible_in_json)]


class SetSessionData(RequestModel):
    """The request to change the session data.

    `shallow-merge` keeps the keys that are neither in `data` nor in `keysToDelete`.
    """

    data: JsonObject = Field(default_factory=dict, examples=[{"hello": "world"}])
    merge_strategy: Literal["replace", "shallow-merge"] = "replace"
    keys_to_delete: tuple[str, ...] = ()


def merge_session_data(before: Mapping[str, Any], request: SetSessionData) -> dict[str, Any]:
    """The session data after the request.

    Raises InvalidRequest for data that is too long, and for `keysToDelete` without `shallow-merge`.
    """
    if request.keys_to_delete and request.merge_strategy == "replace":
        raise InvalidRequest("keysToDelete needs mergeStrategy shallow-merge")
    data: dict[str, Any] = dict(request.data)
    if request.merge_strategy == "shallow-merge":
        kept = {key: value for key, value in before.items() if key not in request.keys_to_delete}
        data = {**kept, **data}
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    if size > MAX_SESSION_DATA_CHARACTERS:
        raise InvalidRequest(f"data has {size} characters of JSON but may have at most {MAX_SESSION_DATA_CHARACTERS}")
    return data
