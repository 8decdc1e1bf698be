"""All operations of `/_sim`, with requests that its OpenAPI document allows and forbids: each response is described.

The phones and calls are real. What would only make a request slow, long waits and long sounds, is shortened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_daily_server.control.router import control_router
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.owner_loop import LoopThread
from tests.hostile.profile import HOST, LONG, chosen, random_seed
from tests.openapi_requests import Operations, operations_of, send_requests

EXAMPLES = chosen(short=12, long=100)
OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=ice-ufrag:abcd",
        f"a=ice-pwd:{'p' * 24}",
        "a=setup:actpass",
        f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}",
        "",
    )
)
"""An offer of WebRTC that is answered, and whose sender then never connects."""
CALLER, CALLEE, FREE = "+12065550142", "+12065550143", "+12065550144"
GOOD_BODIES: dict[str, dict[str, Any]] = {
    "/_sim/phones": {"number": FREE},
    "/_sim/phones/{phone_id}/dial": {"to": CALLEE},
    "/_sim/phones/{phone_id}/transfer": {"to": "sip:x@127.0.0.1:9"},
    "/_sim/phones/{phone_id}/press": {"tones": "1#", "duration_ms": 20, "gap_ms": 0},
    "/_sim/phones/{phone_id}/talk": {"sdp": OFFER},
    "/_sim/rooms": {"properties": {"enable_dialout": True}},
    "/_sim/carrier/refuse": {"number": FREE},
    "/_sim/reset": {"settings": {"ring_timeout": 5}},
    "/_sim/capture": {"path": "calls.pcapng"},
    "/_sim/phones/{phone_id}/record": {"path": "heard.wav"},
    "/_sim/trigger": {"event": "meeting.started", "fields": {"meeting_id": "x"}},
}
LONGEST_MS, LONGEST_S, MOST_DIGITS = 30, 0.05, 2


def routes() -> list[tuple[str, str]]:
    document = _document()
    return [(method.upper(), path) for path, item in document["paths"].items() for method in item]


def _document() -> dict[str, Any]:
    router = control_router(FakeDaily(Settings(port=0, sip_port=0)))
    (describe,) = (route for route in router.routes if getattr(route, "path", "") == "/_sim/openapi.json")
    coroutine = describe.endpoint()  # type: ignore[attr-defined]  # it is an APIRoute
    try:
        coroutine.send(None)
    except StopIteration as done:
        document: dict[str, Any] = done.value
        return document
    raise AssertionError("the description waits for something")


ROUTES = routes()


class Attacked:
    """A server with a room, a participant, a webhook, and two phones in a call, all made anew after each reset."""

    def __init__(self, thread: LoopThread, daily: FakeDaily) -> None:
        self._thread = thread
        self.daily = daily
        headers = {"Authorization": f"Bearer {daily.api_key}"}
        self.http = httpx.Client(base_url=daily.url, headers=headers, timeout=20, trust_env=False)
        self.known: dict[str, str] = {}

    def furnish(self) -> None:
        """Reset the server, and make what requests can name."""
        self._post("/_sim/reset", {})
        self._thread.call(self.daily.receive_webhooks(("meeting.started",)))
        room = self._post("/_sim/rooms", {"properties": {"enable_dialout": True, "sip": {"sip_mode": "dial-in"}}})
        participant = self._post(f"/_sim/rooms/{room['name']}/participants", {})
        phones = [self._post("/_sim/phones", {"number": number}) for number in (CALLER, CALLEE)]
        self._post("/_sim/carrier/refuse", {"number": FREE})
        self.known = {
            "room": room["name"],
            "session_id": participant["session_id"],
            "phone_id": phones[0]["id"],
            "number": FREE,
            "seq": self._delivery(),
        }
        self.call()

    def _delivery(self) -> str:
        """The number of the webhook request about the participant's session."""
        query = {"type": "meeting.started", "wait_ms": "10000"}
        deliveries = self.http.get("/_sim/webhooks/deliveries", params=query).json()["deliveries"]
        return str(deliveries[-1]["seq"])

    def call(self) -> None:
        """Let one phone call the other."""
        phone = f"/_sim/phones/{self.known['phone_id']}"
        self._post(f"{phone}/dial", {"to": CALLEE})
        self._post(f"{phone}/wait-answered", {})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        return answered


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder: Path = tmp_path_factory.mktemp("server")
    with LoopThread() as thread, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # captures and recordings are written below it
        patch.setenv("NO_PROXY", "*")
        stack = AsyncExitStack()
        settings = Settings(host=HOST, port=0, sip_port=0, sip_timers="fast")
        daily = thread.call(stack.enter_async_context(FakeDaily(settings)))
        attacked = Attacked(thread, daily)
        yield attacked
        attacked.http.close()
        thread.call(stack.aclose())


@pytest.fixture(scope="module")
def operations() -> Operations:
    return operations_of(_document())


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the server does, in the same process
@pytest.mark.timeout(60 + EXAMPLES)
@pytest.mark.parametrize("route", ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_responses_match_the_openapi_document(
    attacked: Attacked, operations: Operations, route: tuple[str, str]
) -> None:
    attacked.furnish()

    def prepare(case: Any, real: bool, good: bool) -> None:
        if real:
            case.path_parameters = {name: attacked.known[name] for name in case.path_parameters or ()}
        if good and route[0] == "POST" and route[1] in GOOD_BODIES:
            case.body = GOOD_BODIES[route[1]]
        case.body = shortened(case.body)
        if route[0] == "POST" and route[1].rpartition("/")[2].startswith(("wait", "expect", "finish")):
            if not isinstance(case.body, dict | str | list):
                case.body, case.media_type = {}, "application/json"
            if isinstance(case.body, dict):
                case.body.setdefault("within_ms", LONGEST_MS)
        case.query = shortened(case.query)
        if len(attacked.daily.network.phones) > 4:
            attacked.furnish()

    headers = {"Authorization": f"Bearer {attacked.daily.api_key}"}
    seed = random_seed() if LONG else None
    assert send_requests(
        operations[route], prepare, url=attacked.daily.url, headers=headers, examples=EXAMPLES, random_seed=seed
    )
    deaths = [str(one) for one in attacked.daily.timeline.records(kind="worker") if "how" in one.fields]
    assert deaths == []


def shortened(value: Any, name: str = "") -> Any:
    """The value with short waits, short sounds and few digits; what is no valid one stays as it is."""
    if isinstance(value, dict):
        return {key: shortened(each, str(key)) for key, each in value.items()}
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and name.endswith("_ms"):
        return min(value, LONGEST_MS)
    if isinstance(value, int | float) and name == "seconds":
        return min(value, LONGEST_S)
    if isinstance(value, str) and name == "tones":
        return value.replace(",", "")[:MOST_DIGITS]
    return value
