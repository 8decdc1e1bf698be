"""Commented scenario files to start from, which `new` writes."""

from __future__ import annotations

from types import MappingProxyType

_HEAD = "# daily-sim run {file}     runs it;  daily-sim check {file}     only looks for mistakes\n"

_DIAL_OUT = """\
title: A phone is dialled, answers and hangs up     # what the scenario proves, in one sentence
room: {enable_dialout: true}                        # Daily's room properties
phones:
  desk: {number: "+12065550142", calls: {ring_ms: 200, then: answer}}     # or busy, decline, no_answer
steps:
  - client: startDialOut                            # the client of the room dials
    with: {phoneNumber: $desk.number}
    save: {session: sessionId}                      # later steps know it as $session
  - expect: [dialout-connected, dialout-answered]   # in this order
    where: {sessionId: $session}
  - phone: desk
    press: "12#"
  - expect: {dtmf: "12#"}
  - phone: desk
    do: hangup
  - expect: dialout-stopped
"""

_DIAL_IN = """\
title: A caller reaches the room, and hangs up      # what the scenario proves, in one sentence
room: {sip: {display_name: a caller}}               # a room with a SIP endpoint, $room.sip_uri
phones:
  caller: {number: "+12065550150"}
steps:
  - expect: dialin-ready
  - phone: caller
    dial: $room.sip_uri
  - expect: dialin-connected
  - phone: caller                                   # each party has a tone of its own:
    hum: 440                                        # who hears whom is who hears which tone
  - participant: client
    expect_tone: 440
  - phone: caller
    do: hangup
  - expect: dialin-stopped
"""

_PROGRAM = """\
title: The bot calls a phone, speaks, and ends with the call     # what the scenario proves, in one sentence
room: {enable_dialout: true}
client:
  command: [$python, bot.py, $anna.number]          # your program; it finds the room in DAILY_ROOM_URL
  # env: {NAME: value}                              # further environment variables
  ready: joins                                      # or started, {http: URL}, {prints: /pattern/}, {listens: PORT}
phones:
  anna: {number: "+12065550142"}
steps:
  - expect: startDialOut                            # what the program requests
    where: {phoneNumber: $anna.number}
    within_ms: 10000
  - expect: dialout-answered
  - phone: anna
    expect_speech: true                             # or expect_tone: 440
  - phone: anna
    do: hangup
  - program: client
    expect: ended
    exit_code: 0
"""

_WEBHOOKS = """\
title: The service answers the webhook of an answered call     # what the scenario proves, in one sentence
room: {enable_dialout: true}
programs:
  service:
    command: [$python, service.py]                  # your server
    env: {PORT: $service.port}                      # a free port
    ready: {listens: $service.port}
phones:
  desk: {number: "+12065550142"}
steps:
  - rest: POST /webhooks                            # or let the service subscribe itself
    with: {url: "http://127.0.0.1:${service.port}/daily", eventTypes: [dialout.answered]}
  - client: startDialOut
    with: {phoneNumber: $desk.number}
    save: {session: sessionId}
  - expect: {webhook: dialout.answered, where: {session_id: $session}, status: 200}
  - phone: desk
    do: hangup
  - expect: dialout-stopped
"""

_CASES = """\
title: A dial-out that is $then                     # $then, $status: from the cases below
room: {enable_dialout: true}
tags: [smoke]                                       # daily-sim run -t smoke
cases:                                              # each is a scenario of its own
  - {name: busy, then: busy, status: /486/}
  - {name: declined, then: decline, status: /603/}
  - {name: out of order, then: {status: 503}, status: /503/}
phones:
  desk: {number: "+12065550142", calls: $then}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
  - expect: dialout-error
    where: {errorMsg: $status}
"""

STARTERS = MappingProxyType(
    {"dial-out": _DIAL_OUT, "dial-in": _DIAL_IN, "program": _PROGRAM, "webhooks": _WEBHOOKS, "cases": _CASES}
)
"""The text of a starter, by its kind."""


def starter(kind: str, file: str) -> str:
    """The text of a new scenario file of this kind."""
    return _HEAD.format(file=file) + STARTERS[kind]
