"""The methods and extensions that this program's user agents support (RFC 3261 §8.2.1, §8.2.2.3)."""

from __future__ import annotations

METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY")
ALLOW = ", ".join(METHODS)
"""Value of the Allow header."""
EXTENSIONS = ("100rel", "norefersub", "replaces", "timer")
"""Option tags that a request may require."""
SUPPORTED = ", ".join(EXTENSIONS)
"""Value of the Supported header."""
ALLOW_EVENTS = "refer"
"""The only event package, and its subscriptions only begin with a REFER (RFC 3515 §2.4.4)."""
