"""SIP endpoint addresses, random identifiers, and the validation of settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from fake_daily_server.settings import Settings
from fake_daily_server.values.ids import SipEndpoint, new_call_client_id, new_room_name


@pytest.mark.parametrize("prefix", ["", "sip:", "sip:sip:"])
@pytest.mark.parametrize("rest", ["", ";transport=tcp", "?x-daily_display_name=my%20name"])
def test_an_endpoint_is_parsed_in_every_spelling(prefix: str, rest: str) -> None:
    assert SipEndpoint.parse(f"{prefix}my_room-1.12@127.0.0.1:5060{rest}") == SipEndpoint("my_room-1", 12)


@pytest.mark.parametrize(
    "address",
    ["", "sip:", "sip:room@host", "sip:room.@host", "sip:.0@host", "sip:a.b.0@host", "sip:room.01@host", "\0"],
)
def test_other_addresses_are_not_endpoints(address: str) -> None:
    assert SipEndpoint.parse(address) is None


def test_an_endpoint_survives_formatting_and_parsing() -> None:
    endpoint = SipEndpoint("demo", 3)
    assert endpoint.at("127.0.0.1:5060") == "sip:demo.3@127.0.0.1:5060"
    assert SipEndpoint.parse(endpoint.at("127.0.0.1:5060", prefix="")) == endpoint


def test_random_identifiers_are_unique() -> None:
    assert len({new_room_name() for _ in range(100)}) == 100
    assert len({new_call_client_id() for _ in range(100)}) == 100
    whole, _, fraction = new_call_client_id().partition(".")
    assert whole.isdigit()
    assert fraction.isdigit()


def test_the_api_key_and_the_domain_id_are_random_for_each_run() -> None:
    one, other = Settings(), Settings()
    assert len(one.api_key) == 64
    assert one.api_key != other.api_key
    assert one.domain_id != other.domain_id


@pytest.mark.parametrize(
    "wrong",
    [{"port": -1}, {"sip_port": 65536}, {"domain": "a b"}, {"domain": ""}, {"api_key": ""}, {"prot": 1}],
)
def test_invalid_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)
