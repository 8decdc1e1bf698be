"""Frames match the schema, and no malformed frame ends the connection."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from websockets.asyncio.client import ClientConnection, connect

from fake_daily_server.contract import schema
from fake_daily_server.signalling.messages import METHODS
from fake_daily_server.values.errors import DailyError
from tests.daily_side import DailySide

SCHEMA = json.loads(schema.path("signalling").read_text(encoding="utf-8"))


def frame_schema(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


@asynccontextmanager
async def socket_of(side: DailySide, path: str = "demo") -> AsyncIterator[ClientConnection]:
    async with connect(f"{side.url.replace('http', 'ws')}/{path}", proxy=None) as socket:
        yield socket


async def ask(socket: ClientConnection, frame: Any) -> dict[str, Any]:
    """Send a frame and return its answer; every frame from the server must fit the schema."""
    await socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
    while True:
        answer: dict[str, Any] = json.loads(await socket.recv())
        frame_schema("ServerFrame").validate(answer)
        if "event" not in answer:
            return answer


@pytest.mark.parametrize(
    ("frame", "error", "said"),
    [
        ("{not json", "json-parsing-error", "not JSON"),
        (b"\x00\x01", "json-parsing-error", "binary"),
        ("[1, 2]", "invalid-request-error", "should be a JSON object"),
        ("null", "invalid-request-error", "should be a JSON object"),
        ({}, "invalid-request-error", "method is required; it is one of join, "),
        ({"id": 1, "method": "startDialout"}, "invalid-request-error", "did you mean 'startDialOut'?"),
        ({"id": 1, "method": ["join"]}, "invalid-request-error", "unknown method"),
        ({"method": "join"}, "invalid-request-error", "id is required"),
        ({"id": 1.5, "method": "join"}, "invalid-request-error", "id was 1.5"),
        ({"id": 1, "method": "join", "params": 3}, "invalid-request-error", "params was 3"),
        ({"id": 1, "method": "join", "params": {"tokn": "x"}}, "invalid-request-error", "did you mean 'token'?"),
        ({"id": 1, "method": "join", "prams": {}}, "invalid-request-error", "prams"),
        ({"id": 1, "method": "leave"}, "invalid-request-error", "not in a call; join first"),
        ({"id": 1, "method": "join", "params": {"userId": "x" * 37}}, "invalid-request-error", "params.userId"),
        ('{"id": 1, "method": "join", "params": {"userData": NaN}}', "json-parsing-error", "not JSON"),
        (r'{"id": 1, "method": "join", "params": {"userName": "\ud800"}}', "json-parsing-error", "not JSON"),
        ("[" * 100_000, "json-parsing-error", "nested deeper than 64"),
    ],
)
async def test_a_malformed_frame_is_refused_and_the_connection_stays(
    side: DailySide, frame: Any, error: str, said: str
) -> None:
    side.room()
    async with socket_of(side) as socket:
        answer = await ask(socket, frame)
        assert answer["error"]["error"] == error
        assert said in answer["error"]["info"]
        good = await ask(socket, {"id": "j", "method": "join"})
        assert good["id"] == "j"
        frame_schema("JoinResult").validate(good["result"])


async def test_an_answer_has_the_id_of_its_request(side: DailySide) -> None:
    side.room()
    async with socket_of(side) as socket:
        for request_id in (7, "seven"):
            answer = await ask(socket, {"id": request_id, "method": "participants"})
            assert answer["id"] == request_id
        assert (await ask(socket, {"id": True, "method": "participants"}))["id"] is None


async def test_an_internal_error_fails_only_its_own_request(side: DailySide, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("the roof is on fire")

    side.room(enable_dialout=True)
    monkeypatch.setattr(side.telephony, "start_dialout", broken)
    async with side.owner() as owner:
        with pytest.raises(DailyError) as failure:
            await owner.start_dialout(phoneNumber="+12065550142")
        assert (failure.value.status, failure.value.error) == (500, "server-error")
        assert "the roof is on fire" in failure.value.info
        await owner.set_user_name("still here")


@pytest.mark.parametrize("path", ["demo", "demo/"])
async def test_every_frame_of_a_whole_meeting_fits_the_schema(side: DailySide, path: str) -> None:
    side.room(enable_dialout=True, sip={"num_endpoints": 1})
    token = side.token(room_name="demo", is_owner=True)
    async with side.client() as other, socket_of(side, path) as socket:
        requests: list[dict[str, Any]] = [
            {"method": "join", "params": {"token": token, "userName": "Ann"}},
            {"method": "participants"},
            {"method": "startDialOut", "params": {"phoneNumber": "+12065550142"}},
            {"method": "setUserName", "params": {"userName": "Anna"}},
            {"method": "setUserData", "params": {"userData": {"seat": 3}}},
            {"method": "setSessionData", "params": {"data": {"topic": "taxes"}}},
            {"method": "room"},
            {"method": "sendAppMessage", "params": {"data": {"a": 1}}},
            {"method": "updateParticipant", "params": {"sessionId": other.session_id, "eject": True}},
        ]
        answers = []
        for number, request in enumerate(requests):
            frame_schema("ClientFrame").validate({"id": number, **request})
            answers.append(await ask(socket, {"id": number, **request}))
        session_id = answers[2]["result"]["session"]["sessionId"]
        for method, params in (
            ("sendDTMF", {"sessionId": session_id, "tones": "1"}),
            ("stopDialOut", {"sessionId": session_id}),
            ("leave", {}),
        ):
            answers.append(await ask(socket, {"id": method, "method": method, "params": params}))
        assert all("result" in answer for answer in answers), answers
    media = {"setAudio", "setVideo", "setMedia", "answerMedia", "addMediaCandidate"}
    elsewhere = {"sendDTMF", "stopDialOut", "sipCallTransfer", "sipRefer", "leave", "resume"} | media
    assert {request["method"] for request in requests} | elsewhere == set(METHODS)


async def test_the_room_url_answers_html_or_json(side: DailySide) -> None:
    side.room()
    async with side.client(), httpx.AsyncClient(trust_env=False) as browser:
        page = await browser.get(f"{side.url}/demo", headers={"Accept": "text/html,*/*"})
        assert page.headers["content-type"].startswith("text/html")
        assert "docs/signalling.md" in page.text
        facts = (await browser.get(f"{side.url}/demo/")).json()
        assert (facts["room"], facts["live"], facts["participants"]) == ("demo", True, 1)
        assert (await browser.get(f"{side.url}/nowhere")).json()["error"] == "not-found"


def test_the_documentation_names_every_method_and_event() -> None:
    text = Path("docs/signalling.md").read_text(encoding="utf-8")
    events = {
        name
        for definition in SCHEMA["$defs"].values()
        for name in _actions(definition.get("properties", {}).get("action", {}))
    }
    assert [name for name in (*METHODS, *sorted(events)) if f"`{name}`" not in text] == []


def _actions(action: dict[str, Any]) -> list[str]:
    return [action["const"]] if "const" in action else action.get("enum", [])
