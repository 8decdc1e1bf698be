"""Steps of REST, of the customer's server and of transfers, and rooms by name."""

from __future__ import annotations

import pytest

from fake_daily_server.values.typed_texts import with_json_types
from scenarios.steps.client import SipCallTransfer, SipRefer
from scenarios.steps.customer import CustomerAnswers, CustomerReceives
from scenarios.steps.rest import RestRequest
from tests.unit.scenarios.scenario_texts import problems, step_problems, steps


def test_the_first_word_decides_the_kind_of_step() -> None:
    read = steps("""\
        - rest: POST /domain-dialin-config
          with: {type: pinless_dialin, room_creation_api: $customer.url}
          save: {secret: config.hmac}
        - customer: answers
          status: 500
          after_ms: 20
        - customer: receives
          where: {From: "+12065550150"}
          headers: {X-Pinless-Signature: present}
          save: {call: callId}
        - rest: GET /rooms/$room.name
          status: 200
        - client: sipCallTransfer
          with: {toEndPoint: $desk.number, extension: 012}
        - client: sipRefer
          with: {toEndPoint: $desk.uri}
    """).steps
    assert [type(step) for step in read] == [
        RestRequest,
        CustomerAnswers,
        CustomerReceives,
        RestRequest,
        SipCallTransfer,
        SipRefer,
    ]
    assert str(read[0]) == "POST /domain-dialin-config"
    assert str(read[2]) == "the customer's server receives {From: +12065550150}"
    transfer = read[4]
    assert isinstance(transfer, SipCallTransfer)
    assert transfer.with_.as_json() == {"toEndPoint": "$desk.number", "extension": "012"}


def test_a_rest_body_has_the_types_of_json() -> None:
    texts = {
        "n": "12",
        "f": "1.5",
        "t": "true",
        "z": "null",
        "pin": "012",
        "text": "=12",
        "list": ["1", "a"],
        "plus": "+1206",
    }
    assert with_json_types(texts) == {
        "n": 12,
        "f": 1.5,
        "t": True,
        "z": None,
        "pin": "012",
        "text": "12",
        "list": [1, "a"],
        "plus": "+1206",
    }


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("- rest: rooms", "'rooms' is not a request"),
        ("- rest: PATCH /rooms", "is not a request; write GET, POST, PUT, DELETE and a path"),
        ("- {rest: GET /, wth: {}}", "did you mean 'with'?"),
        ("- customer: hears", "'hears' is not allowed"),
        ("- {customer: answers, status: 99}", "at least 200"),
        ("- {customer: receives, where: {a: $nobody}}", "$nobody is not saved"),
        ("- {rest: POST /rooms, with: {name: $room.nme}}", "$room.nme is not known"),
        ("- {rest: POST /rooms, save: {customer: name}}", "$customer is already the name of something else"),
        ("- {client: sipRefer, with: {toEndpoint: x}}", "did you mean 'toEndPoint'?"),
        ("- {phone: desk, press: $nothing}", "$nothing is not saved"),
        ("- {phone: desk, press: 12x}", "12x"),
    ],
)
def test_a_mistake_in_a_step_is_reported(step: str, message: str) -> None:
    assert message in " ".join(map(str, step_problems(step)))


@pytest.mark.parametrize(
    ("top", "message"),
    [
        (
            "rooms: {upstairs: {}}\nclients: {bob: {room: downstairs}}",
            "'downstairs', which is not one of `rooms` (upstairs)",
        ),
        ("rooms: {desk: {}}\nphones: {desk: {}}", "'desk' is both a phone and a room"),
        ("rooms: {customer: {}}", "'customer' is a reserved name"),
        ("phones: {desk: {refers: sometimes}}", "'sometimes' is not allowed"),
    ],
)
def test_a_mistake_in_rooms_and_phones_is_reported(top: str, message: str) -> None:
    assert message in " ".join(map(str, problems(f"title: t\n{top}\nsteps: [{{pause_ms: 1}}]")))
