"""Clients of real programs: stand-ins that speak docs/signalling.md in place of Daily's own libraries."""
