"""Bodies that are too large or nested too deeply, at both APIs and in frames of the signalling."""

from __future__ import annotations

import pytest

from fake_daily_server.values.json_depth import MAX_DEPTH
from fake_daily_server.web.request_bodies import MAX_BODY
from tests.daily_side import DailySide


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("path", ["/v1/rooms", "/_sim/phones", "/v1/meeting-tokens"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 256, 100_000])
async def test_deep_json_is_refused(side: DailySide, path: str, depth: int) -> None:
    answer = await side.api.post(f"{side.url}{path}", content=nested(depth))
    assert (answer.status_code, answer.json()["error"]) == (400, "json-parsing-error")
    assert "64 levels" in answer.json()["info"]


async def test_a_deep_property_is_not_stored(side: DailySide) -> None:
    deep = f'{{"name": "deep", "properties": {{"zork": {nested(256)}}}}}'
    assert (await side.api.post("/rooms", content=deep)).status_code == 400
    listed = await side.api.get("/rooms")
    assert (listed.status_code, listed.json()["data"]) == (200, [])


async def test_the_deepest_property_that_is_allowed_is_returned(side: DailySide) -> None:
    depth = MAX_DEPTH - 2
    deep = f'{{"name": "deep", "properties": {{"zork": {nested(depth)}}}}}'
    made = await side.api.post("/rooms", content=deep)
    assert made.status_code == 200, made.text
    assert (await side.api.get("/rooms/deep")).json()["config"]["zork"] == made.json()["config"]["zork"]


async def test_brackets_in_texts_do_not_count(side: DailySide) -> None:
    made = await side.api.post("/rooms", json={"name": "a", "properties": {"zork": '{["' * 300}})
    assert made.status_code == 200


@pytest.mark.parametrize("path", ["/v1/rooms", "/_sim/phones"])
async def test_a_body_that_is_too_large_is_refused_without_being_quoted(side: DailySide, path: str) -> None:
    answer = await side.api.post(f"{side.url}{path}", content=b'{"name": "' + b"x" * MAX_BODY + b'"}')
    assert answer.status_code == 413
    assert len(answer.content) < 200


async def test_a_large_body_that_is_allowed_is_shortened_in_the_error(side: DailySide) -> None:
    answer = await side.api.post("/rooms", json={"name": "x" * (MAX_BODY - 100)})
    assert answer.status_code == 400
    assert len(answer.content) < 1000
