"""Clients for unmodified programs: stand-ins for Daily's libraries that speak the protocol of docs/signalling.md."""
