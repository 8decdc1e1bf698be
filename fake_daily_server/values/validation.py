"""The base class of request models: Daily's camelCase names, and each error as one sentence."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from simulator.validation_errors import KnownFieldsModel, explain, unknown_name

__all__ = ["RequestModel", "check_json", "explain", "unknown_name"]


class RequestModel(KnownFieldsModel):
    """A request whose fields are camelCase in JSON and in the constructor, snake_case as attributes."""

    model_config = ConfigDict(alias_generator=to_camel)


def check_json(value: Any) -> None:
    """Raise ValueError for values that Python accepts but JSON cannot express: NaN, infinities, lone surrogates."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
