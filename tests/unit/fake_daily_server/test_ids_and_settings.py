from __future__ import annotations

import pytest
from pydantic import ValidationError

from fake_daily_server.settings import Settings
from fake_daily_server.values.ids import SipEndpoint, new_call_client_id, new_room_name


@pytest.mark.parametrize("prefix", ["", "sip:", "sip:sip:"])
@pytest.mark.parametrize("rest", ["", ";transport=tcp", "?x-daily_display_name=my%20name"])
def test_an_endpoint_is_read_in_every_spelling(prefix: str, rest: str) -> None:
    assert SipEndpoint.parse(f"{prefix}my_room-1.12@127.0.0.1:5060{rest}") == SipEndpoint("my_room-1", 12)


@pytest.mark.parametrize(
    "address",
    ["", "sip:", "sip:room@host", "sip:room.@host", "sip:.0@host", "sip:a.b.0@host", "sip:room.01@host", "\0"],
)
def test_what_is_no_endpoint(address: str) -> None:
    assert SipEndpoint.parse(address) is None


def test_an_endpoint_is_written_as_it_is_read() -> None:
    endpoint = SipEndpoint("demo", 3)
    assert endpoint.at("127.0.0.1:5060") == "sip:demo.3@127.0.0.1:5060"
    assert SipEndpoint.parse(endpoint.at("127.0.0.1:5060", prefix="")) == endpoint


def test_identifiers_differ() -> None:
    assert len({new_room_name() for _ in range(100)}) == 100
    assert len({new_call_client_id() for _ in range(100)}) == 100
    whole, _, fraction = new_call_client_id().partition(".")
    assert whole.isdigit()
    assert fraction.isdigit()


def test_keys_and_domains_are_made_for_each_run() -> None:
    one, other = Settings(), Settings()
    assert len(one.api_key) == 64
    assert one.api_key != other.api_key
    assert one.domain_id != other.domain_id


@pytest.mark.parametrize(
    "wrong",
    [{"port": -1}, {"sip_port": 65536}, {"domain": "a b"}, {"domain": ""}, {"api_key": ""}, {"prot": 1}],
)
def test_bad_settings(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)
