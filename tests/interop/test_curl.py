"""The curl commands of Daily's SIP guide, with another host and key.

https://docs.daily.co/docs/guides/features/dial-in-dial-out/sip
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from fake_daily_server.server import FakeDaily

pytestmark = pytest.mark.interop("curl")

PROVISION = """curl --silent --show-error --request POST \\
  --url "$DAILY_API/rooms/$ROOM_NAME" \\
  --header "Authorization: Bearer $DAILY_API_KEY" \\
  --header 'Content-Type: application/json' \\
  --data '{"properties": {"sip": %s}}'"""

DIAL = """curl -sS -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $DAILY_API_KEY" \\
  -XPOST -d '%s' \\
  $DAILY_API/rooms/$ROOM_NAME/dialOut/start"""


async def shell(command: str, daily: FakeDaily, room: str) -> dict[str, Any]:
    """Run a command, which must print JSON to stdout and nothing to stderr. Returns the JSON object."""
    environment = {
        "PATH": os.environ["PATH"],
        "DAILY_API": daily.api_url,
        "DAILY_API_KEY": daily.api_key,
        "ROOM_NAME": room,
        "no_proxy": "*",
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_shell(command, stdout=pipe, stderr=pipe, env=environment)
    stdout, stderr = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, stderr.decode()) == (0, "")
    answer = json.loads(stdout)
    assert isinstance(answer, dict)
    return answer


async def test_sip_endpoints_are_provisioned_and_removed(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room("guide")
    address = fake_daily.sip.removeprefix("sip:")

    one = {"sip_mode": "dial-in", "display_name": "SIP Participant"}
    config = (await shell(PROVISION % json.dumps(one), fake_daily, room.name))["config"]
    assert config == {"sip_uri": {"endpoint": f"sip:guide.0@{address}"}, "sip": one}

    two = {**one, "num_endpoints": 2}
    config = (await shell(PROVISION % json.dumps(two), fake_daily, room.name))["config"]
    assert config["sip_uri"] == {
        "endpoint": f"sip:guide.0@{address}",
        "extra_endpoints": [f"sip:guide.1@{address}"],
    }
    assert config["sip"] == two

    codecs = {"audio": ["OPUS"], "video": ["H264"]}
    video = {"display_name": "sip-user", "sip_mode": "dial-in", "video": True, "codecs": codecs}
    config = (await shell(PROVISION % json.dumps(video), fake_daily, room.name))["config"]
    assert config == {"sip_uri": {"endpoint": f"sip:guide.0@{address}"}, "sip": video}

    config = (await shell(PROVISION % "null", fake_daily, room.name))["config"]
    assert config == {}


async def test_a_provisioned_endpoint_takes_calls_with_a_display_name(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room("guide")
    sip = {"sip_mode": "dial-in", "display_name": "SIP Participant"}
    endpoint = (await shell(PROVISION % json.dumps(sip), fake_daily, room.name))["config"]["sip_uri"]["endpoint"]
    client = await fake_daily.join(room)
    await client.wait_for("dialin-ready", where={"sipEndpoint": endpoint})
    phone = await fake_daily.network.phone("+12065550199")

    call = await phone.dial(endpoint)
    joined = await client.wait_for("participant-joined")
    assert joined["participant"]["user_name"] == "SIP Participant"
    await call.hang_up()
    await client.wait_for("dialin-stopped")

    named = await phone.dial(f"{endpoint}?x-daily_display_name=my%20user%20name")
    joined = await client.wait_for("participant-joined")
    assert joined["participant"]["user_name"] == "my user name"
    await named.hang_up()
    await client.wait_for("dialin-stopped")


@pytest.mark.parametrize("video", [False, True], ids=["audio", "video"])
async def test_dial_out_to_a_sip_uri(fake_daily: FakeDaily, video: bool) -> None:
    room = await fake_daily.create_room("guide", enable_dialout=True)
    phone = await fake_daily.network.phone(uri="sip:user@example.calls.webex.com", codecs=("OPUS", "PCMU"))
    client = await fake_daily.join(room)
    body: dict[str, Any] = {"sipUri": "sip:user@example.calls.webex.com"}
    if video:
        body |= {"video": True, "codecs": {"audio": ["OPUS"], "video": ["H264"]}}

    answer = await shell(DIAL % json.dumps(body), fake_daily, room.name)
    assert answer["ok"] is True
    session = {"sessionId": answer["sessionId"]}
    await client.wait_for(["dialout-connected", "dialout-answered"], where=session)
    call = await phone.wait_for_call()
    await call.wait_answered()
    await client.stop_dialout(answer["sessionId"])
    await client.wait_for("dialout-stopped", where=session)
    await call.wait_for_end()


async def test_an_invalid_dial_out_is_answered_with_a_json_error(fake_daily: FakeDaily) -> None:
    answer = await shell(DIAL % '{"sipUri": "user@example.com"}', fake_daily, "nowhere")
    assert answer["error"] == "invalid-request-error"
    assert "must begin with sip:" in answer["info"]
