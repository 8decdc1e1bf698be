"""The state of a Daily domain: rooms and their participants, phone numbers, meetings, tokens. No HTTP, no SIP."""
