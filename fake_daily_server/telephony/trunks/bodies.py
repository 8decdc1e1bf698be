"""The bodies of the two requests to the customer's server of a SIP trunk.

Daily documents that the test request has the type `sip_trunk.test`, and that the announcement of a call has `room.url`
and `trunk.description`; the other fields are those of its sibling, the request to a `room_creation_api`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fake_daily_server.values.sip_trunk import SipTrunk

TEST = "sip_trunk.test"
INCOMING = "sip_trunk.incoming"


def probe_body() -> bytes:
    """The body of the request that tests a server before it is used."""
    return _compact({"type": TEST})


def incoming_body(
    trunk: SipTrunk,
    *,
    room: str,
    room_url: str,
    caller: str,
    called: str,
    sip_call_id: str,
    sip_headers: Mapping[str, str],
) -> bytes:
    """The body of the request that announces a call. `callId` is the `sipCallId` of the call's events."""
    return _compact(
        {
            "type": INCOMING,
            "room": {"name": room, "url": room_url},
            "trunk": {"id": trunk.id, "trunk_name": trunk.name, "description": trunk.description},
            "call": {"From": caller, "To": called, "callId": sip_call_id, "sipHeaders": dict(sip_headers)},
        }
    )


def _compact(fields: Mapping[str, Any]) -> bytes:
    """JSON without blanks: some servers verify the signature over a body that they have parsed and written again."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
