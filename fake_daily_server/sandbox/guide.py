"""What the terminal says when a sandbox has started: where its page is, and how programs and softphones reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_daily_server.sandbox.first_content import ROOM

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


def guide(daily: FakeDaily) -> str:
    """The addresses of a sandbox and the commands to use them."""
    sip = daily.sip.removeprefix("sip:")
    port = sip.rpartition(":")[2]
    own = [phone for phone in daily.network.phones if phone.test_number is None]
    room = next(iter(daily.rooms.rooms), ROOM)
    phones = ", ".join(f"{phone.name} {phone.number or phone.uri}" for phone in own) or "none"
    return f"""\
Sandbox: {daily.site.page_access.address(daily.url)}

  1. Open the page. Press "call" at a phone: it dials the room "{room}", and every message appears beside it.
     Press "talk" then, and speak.
  2. Let your own program answer, in another terminal:
       daily-sim exec --server {daily.url} --api-key {daily.api_key} --room {room} -- python bot.py
     or give it these variables yourself:
       export DAILY_API_URL={daily.api_url} DAILY_API_KEY={daily.api_key}
  3. Call with a softphone (docs/softphones.md): register nothing, let it listen on another port than {port}, and dial
       sip:{next((phone.number for phone in own if phone.number), "+12065550101")}@{sip}
  4. Send its webhooks to your own server:
       daily-sim forward --url {daily.url} --api-key {daily.api_key} --to http://127.0.0.1:8000/webhooks

Phones: {phones}. `daily-sim numbers` lists numbers that need no phone.
Ctrl-C ends the sandbox. The next one in this folder has its rooms, phones, numbers and webhooks (not with --fresh);
calls and records are not kept."""
