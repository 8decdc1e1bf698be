"""What of Daily's telephony a test suite has met: what can be met, what was, and what is missing (docs/coverage.md)."""
