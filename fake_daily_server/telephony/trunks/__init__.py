"""Calls to the SIP trunks of the domain."""

from __future__ import annotations
