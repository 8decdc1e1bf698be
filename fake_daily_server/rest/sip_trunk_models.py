"""The response bodies of `/sip-trunk`, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from fake_daily_server.rest.response_models import ID, Body


class SipTrunkObject(Body):
    """A SIP trunk; `config` has `room_template`, `notification` with its secret, `trunk_config` without a password."""

    id: str = Field(examples=[ID])
    trunk_name: str = Field(examples=["support"])
    description: str | None = Field(examples=["level 1"])
    enabled: bool = Field(examples=[True])
    sip_uri: str = Field(examples=["sip:sandbox-support.siptrunk.localhost:5060"])
    config: dict[str, Any] = Field(
        examples=[
            {
                "room_template": {"enable_dialout": True},
                "notification": {
                    "webhook_url": "http://127.0.0.1:8000/in",
                    "hmac": "9jyatvPWQfBymCGDOYPYKF/TRZXR+08Gj4bvPF78pH0=",
                },
                "trunk_config": {"is_open": True, "exp_offset": 3600},
            }
        ]
    )


class SipTrunkList(Body):
    """A page of SIP trunks, newest first."""

    total_count: int = Field(examples=[1])
    data: list[SipTrunkObject]
