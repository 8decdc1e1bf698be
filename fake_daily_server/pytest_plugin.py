"""Fixtures for telephony tests; nothing heavy is imported until one is used."""
