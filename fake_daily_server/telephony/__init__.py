"""Daily's telephony: calls as pure state machines, their events, and what the room allows.

`dialout` and `dialin` are the machines; `inputs` and `outputs` what goes in and comes out; `machine` how a table
runs; `notices` turns SIP notices into inputs; `events` are Daily's payloads, `causes` their error texts;
`addresses`, `admission` and `limits` are rules without state; `diagrams` draws docs/reference/machines.md.
"""
