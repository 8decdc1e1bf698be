"""What the terminal says when a sandbox has started: where its page is, and how programs and softphones reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_daily_server.sandbox.first_content import PHONES, ROOM

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


def guide(daily: FakeDaily) -> str:
    """The addresses of a sandbox and the commands to use them."""
    sip = daily.sip.removeprefix("sip:")
    port = sip.rpartition(":")[2]
    phones = ", ".join(f"{phone.name} {phone.number}" for phone in PHONES)
    return f"""\
Sandbox: {daily.site.page_access.address(daily.url)}

  1. Open the page. Press "call" at a phone: it dials the room "{ROOM}", and every message appears beside it.
     Press "talk" then, and speak.
  2. Let your own program answer, in another terminal:
       daily-sim exec --server {daily.url} --api-key {daily.api_key} --room {ROOM} -- python bot.py
     or give it these variables yourself:
       export DAILY_API_URL={daily.api_url} DAILY_API_KEY={daily.api_key}
  3. Call with a softphone (docs/softphones.md): register nothing, let it listen on another port than {port}, and dial
       sip:+12065550101@{sip}

Phones: {phones}. `daily-sim numbers` lists numbers that need no phone.
Ctrl-C ends the sandbox. The next one in this folder has its rooms, phones, numbers and webhooks (not with --fresh);
calls and records are not kept."""
