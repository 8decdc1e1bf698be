"""Meeting tokens over REST, and self-signed tokens."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import jwt
import pytest

from fake_daily_server.handles.client import Client
from tests.daily_side import DailySide, daily_side


async def create(side: DailySide, properties: dict[str, Any]) -> str:
    response = await side.api.post("/meeting-tokens", json={"properties": properties})
    assert response.status_code == 200, response.text
    assert list(response.json()) == ["token"]
    token: str = response.json()["token"]
    return token


async def test_a_token_has_short_claims_and_is_signed_with_the_api_key(side: DailySide) -> None:
    exp = int(time.time()) + 60
    properties = {
        "room_name": "demo",
        "exp": exp,
        "is_owner": True,
        "user_name": "Ann",
        "user_id": "u1",
        "eject_at_token_exp": True,
        "start_video_off": True,
        "enable_prejoin_ui": False,
        "enable_recording": ["cloud", "raw-tracks"],
        "permissions": {
            "hasPresence": True,
            "canSend": ["audio", "screenVideo"],
            "canAdmin": ["participants"],
            "canReceive": {"base": False, "byUserId": {"u2": {"screenAudio": True}}},
        },
    }
    token = await create(side, properties)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, side.store.settings.api_key, algorithms=["HS256"])
    assert abs(claims.pop("iat") - time.time()) < 5
    assert claims == {
        "d": side.store.settings.domain_id,
        "r": "demo",
        "exp": exp,
        "o": True,
        "u": "Ann",
        "ud": "u1",
        "ejt": True,
        "vo": True,
        "enable_prejoin_ui": False,
        "er": ["cloud", "raw-tracks"],
        "p": {
            "hp": True,
            "cs": "a,sv",
            "ca": "participants",
            "cr": {"b": False, "u": {"u2": {"sa": True}}},
        },
    }
    assert (await side.api.get(f"/meeting-tokens/{token}")).json() == properties


async def test_a_token_without_properties_is_valid(side: DailySide) -> None:
    token = (await side.api.post("/meeting-tokens")).json()["token"]
    assert (await side.api.get(f"/meeting-tokens/{token}")).json() == {}


async def test_ignore_nbf_validates_tokens_that_are_not_valid_yet(side: DailySide) -> None:
    nbf = int(time.time()) + 600
    token = await create(side, {"room_name": "demo", "nbf": nbf})
    early = await side.api.get(f"/meeting-tokens/{token}")
    assert (early.status_code, early.json()["error"]) == (400, "invalid-request-error")
    assert f"valid from {nbf}" in early.json()["info"]
    allowed = await side.api.get(f"/meeting-tokens/{token}", params={"ignoreNbf": "true"})
    assert allowed.json() == {"room_name": "demo", "nbf": nbf}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"exp": 1}, "exp was '1', which is in the past"),
        ({"exp": 1.5}, "properties.exp: 1.5 is not usable; allowed: a whole number"),
        ({"user_id": "x" * 37}, "properties.user_id"),
        ({"is_owner": "yes"}, "properties.is_owner: 'yes'"),
        ({"permissions": {"canSend": ["smell"]}}, "properties.permissions.canSend"),
        ({"permissions": {"canReceive": {"base": {"video": True}}}}, "is required"),
        ({"permissions": {"canAdminn": True}}, "did you mean 'canAdmin'?"),
        ({"r": "demo"}, "unknown property 'r'"),
        ({"enable_recording": ["tape"]}, "properties.enable_recording"),
    ],
)
async def test_invalid_token_properties_are_refused(side: DailySide, properties: dict[str, Any], expected: str) -> None:
    response = await side.api.post("/meeting-tokens", json={"properties": properties})
    assert (response.status_code, response.json()["error"]) == (400, "invalid-request-error")
    assert expected in response.json()["info"]


@pytest.mark.parametrize("token", ["zork", "a.b.c", "ey.ey."])
async def test_malformed_tokens_are_refused(side: DailySide, token: str) -> None:
    response = await side.api.get(f"/meeting-tokens/{token}")
    assert (response.status_code, response.json()["error"]) == (400, "invalid-request-error")


async def test_tokens_of_another_key_domain_or_time_are_refused(side: DailySide) -> None:
    settings = side.store.settings
    good = {"r": "demo", "d": settings.domain_id, "iat": int(time.time())}

    async def info_for(claims: dict[str, Any], key: str = settings.api_key) -> str:
        response = await side.api.get(f"/meeting-tokens/{jwt.encode(claims, key, 'HS256')}")
        assert response.status_code == 400, response.text
        info: str = response.json()["info"]
        return info

    self_signed = jwt.encode(good, settings.api_key, "HS256")
    assert (await side.api.get(f"/meeting-tokens/{self_signed}")).json() == {"room_name": "demo"}
    assert "not valid" in await info_for(good, "k" * 32)
    assert "this domain is" in await info_for({**good, "d": "elsewhere"})
    assert "no iat" in await info_for({"r": "demo", "d": settings.domain_id})
    assert "expired at 5" in await info_for({**good, "exp": 5})
    assert "is_owner" in await info_for({**good, "o": "yes"})

    no_claims = jwt.PyJWS().encode(b"[1]", settings.api_key, "HS256")
    response = await side.api.get(f"/meeting-tokens/{no_claims}")
    assert "the claims of the meeting token are [1] but should be a JSON object" in response.json()["info"]


async def test_unsigned_tokens_are_refused(side: DailySide) -> None:
    claims = {"d": side.store.settings.domain_id, "iat": 1, "o": True}
    response = await side.api.get(f"/meeting-tokens/{jwt.encode(claims, '', 'none')}")
    assert response.status_code == 400


async def test_a_short_api_key_can_sign_tokens() -> None:
    async with daily_side(api_key="k") as side:
        token = await create(side, {"room_name": "demo"})
        assert (await side.api.get(f"/meeting-tokens/{token}")).json() == {"room_name": "demo"}


async def test_a_self_signed_token_admits_with_its_short_claims(side: DailySide) -> None:
    side.room(eject_at_room_exp=True, exp=side.clock() + 60)
    now = int(side.clock())
    claims = {"r": "demo", "d": side.store.settings.domain_id, "iat": now, "o": True, "u": "Ann", "ud": "u1"}
    claims |= {"eje": 600, "p": {"cs": "a,sv", "cr": {"b": False, "p": {"x": {"sa": True}}}}}
    token = jwt.encode(claims, side.store.settings.api_key, "HS256")
    async with Client(f"{side.url}/demo", token=token) as client:
        me = client.participants["local"]
        assert (me["user_name"], me["user_id"], me["owner"]) == ("Ann", "u1", True)
        assert me["permissions"] == {
            "hasPresence": True,
            "canSend": ["audio", "screenVideo"],
            "canReceive": {"base": False, "byParticipantId": {"x": {"screenAudio": True}}},
            "canAdmin": True,
        }
        ejected = datetime.fromisoformat(me["will_eject_at"]).timestamp()
        assert 600 <= ejected - now <= 610
