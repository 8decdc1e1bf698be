"""Phones that register at a registrar (RFC 3261 §10.2): what they ask for, what they send, and when."""
