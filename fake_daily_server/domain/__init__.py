"""Daily's domain: rooms and who is in them, numbers, meetings, tokens. No HTTP, no SIP."""
