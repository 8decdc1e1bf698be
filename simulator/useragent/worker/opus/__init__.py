"""Opus for PJSIP, whose wheel is built without it: a codec factory in Python over libopus (RFC 6716, RFC 7587)."""
