"""Daily's telephony: dialling out, dial-in, callers in no room yet, transfers.

- `service`: the interface for rooms and the gateway, composed of `dialling`, `incoming`, `transfers` and `roomless`.
- `machines`: the behaviour of every kind of call, as pure state machines; docs/reference/machines.md draws them.
- `leg`, `target_leg`, `roomless`, `transfers`: the shells that run the machines on SIP calls.
- `events`, `facts`: what clients and webhooks receive; `causes`: the texts of `errorMsg`.
- `call_admission`, `session_limit`, `caller_display_name`, `x_headers`, `codec_choice`: stateless rules.
"""
