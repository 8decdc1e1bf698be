"""The OpenAPI document is true: requests that it allows and forbids are sent, and it describes every response.

`DAILY_SIM_FUZZ_EXAMPLES` sets how many requests each route gets; `.ci/run` asks for 100.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from fake_daily_server.app import create_app
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.values.dialin_config import DialinFields
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import Participant
from fake_daily_server.webhooks.store import Subscription
from simulator.owner_loop import LoopThread
from simulator.timeline import Timeline
from tests.daily_side import DailySide, daily_side
from tests.openapi_requests import Operations, operations_of, send_requests

EXAMPLES = int(os.environ.get("DAILY_SIM_FUZZ_EXAMPLES", "40"))


def document() -> dict[str, Any]:
    site = Site(Settings(), Timeline(), base_url="http://127.0.0.1:1", sip_address="127.0.0.1:5060")
    return {**create_app(site).openapi()}


DOCUMENT = document()
ROUTES = [
    (method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    if path.startswith("/v1")
    for method in item
    if method in ("get", "post", "put", "delete")
]


GOOD_BODIES: dict[str, dict[str, Any]] = {
    "/v1/rooms/{room}/dialOut/start": {"phoneNumber": "+12065550142"},
    "/v1/domain-dialin-config": {"type": "pin_dialin", "phone_number": "+14155550101"},
    "/v1/domain-dialin-config/{id}": {"name_prefix": "other"},
    "/v1/webhooks/{uuid}": {"retryType": "exponential"},
}
"""Valid bodies, which random requests hardly ever produce."""


@pytest.fixture(scope="module")
def side() -> Iterator[DailySide]:
    with LoopThread() as thread, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "*")
        stack = AsyncExitStack()
        served = thread.call(stack.enter_async_context(daily_side()))
        thread.call(_create_resources(served))
        receiver = thread.call(stack.enter_async_context(WebhookReceiver()))
        thread.call(served.site.webhooks.create(Subscription(receiver.url, receiver.hmac)))
        patch.setitem(GOOD_BODIES, "/v1/webhooks", {"url": receiver.url})
        yield served
        thread.call(stack.aclose())


async def _create_resources(side: DailySide) -> None:
    """Create a room with a participant, a dial-in configuration and a SIP client."""
    room = side.room("demo", enable_dialout=True, sip={"num_endpoints": 2})
    await room.join(Participant(session_id=new_uuid(), user_id="u1", user_name="Ann", owner=True))
    side.site.domain.sip_clients.create("bench")
    side.site.domain.dialin_configs.create("pin_dialin", DialinFields(phone_number="+14155550100"))


def existing_parameters(side: DailySide, path: str) -> dict[str, str]:
    """Path parameters with names and ids that exist."""
    webhooks = side.site.webhooks.webhooks
    numbers, configs = side.site.domain.numbers.all, side.site.domain.dialin_configs.all
    resources = numbers if "phone-number" in path else configs
    return {
        "room": "demo",
        "username": "bench",
        "meeting": side.site.meetings.meetings[-1].id,
        "token": side.token(room_name="demo"),
        "id": resources[-1].id if resources else new_uuid(),
        "uuid": webhooks[-1].uuid if webhooks else new_uuid(),
    }


@pytest.fixture(scope="module")
def operations() -> Operations:
    return operations_of(DOCUMENT)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the server does, in the same process
@pytest.mark.parametrize("route", ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_responses_match_the_openapi_document(side: DailySide, operations: Operations, route: tuple[str, str]) -> None:
    def prepare(case: Any, real: bool, good: bool) -> None:
        if real and route != ("DELETE", "/v1/rooms/{room}"):
            known = existing_parameters(side, route[1])
            case.path_parameters = {name: known[name] for name in case.path_parameters or ()}
        if good and route[1] in GOOD_BODIES and route[0] in {"POST", "PUT"}:
            case.body = GOOD_BODIES[route[1]]

    headers = {"Authorization": f"Bearer {side.store.settings.api_key}"}
    assert send_requests(operations[route], prepare, url=side.url, headers=headers, examples=EXAMPLES)


def test_every_route_has_a_summary_and_documented_responses() -> None:
    undescribed: list[str] = []
    for method, path in ROUTES:
        operation = DOCUMENT["paths"][path][method.lower()]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        refusals = {status for status in operation["responses"] if status != "200"}
        if not operation.get("summary") or not answer or not {"400", "401", "404"} <= refusals:
            undescribed.append(f"{method} {path}")
    assert undescribed == []
