"""Requests made from an OpenAPI document, allowed and forbidden ones, whose responses it has to describe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Operations = dict[tuple[str, str], Any]
"""Operations of schemathesis by method and path."""
Prepare = Callable[[Any, bool, bool], None]
"""Changes a request before it is sent; the two random booleans ask for names that exist, and for a valid body."""
_WITHIN_S = 30


def operations_of(document: Mapping[str, Any]) -> Operations:
    """All operations of a document."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(dict(document))
    found: list[Any] = [cast("Any", result).ok() for result in schema.get_all_operations()]
    return {(operation.method.upper(), operation.path): operation for operation in found}


def send_requests(
    operation: Any,
    prepare: Prepare,
    *,
    url: str,
    headers: Mapping[str, str],
    examples: int,
    random_seed: int | None = None,
) -> dict[int, int]:
    """Send so many requests, check each response, and return how often each status came.

    The requests are the same ones each time, unless there is a `random_seed`.
    """
    import requests
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    checked = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    strategy = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE)
    statuses: dict[int, int] = {}

    with requests.Session() as session:
        session.trust_env = False

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=random_seed is None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy, real=st.booleans(), good=st.booleans())
        def ask(case: Any, real: bool, good: bool) -> None:
            prepare(case, real, good)
            response = case.call(base_url=url, session=session, headers=headers, timeout=_WITHIN_S)
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            case.validate_response(response, checks=checked)
            if response.status_code >= 400:
                assert {"error", "info"} <= set(response.json())

        (ask if random_seed is None else seed(random_seed)(ask))()
    return statuses
