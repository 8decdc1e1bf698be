"""Telephony tests written as scenario files in YAML, run against the fake Daily on real SIP."""
