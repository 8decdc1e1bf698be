"""Telephony tests that read aloud: scenario files in YAML, run against the fake Daily on real SIP."""
