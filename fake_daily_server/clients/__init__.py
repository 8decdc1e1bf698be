"""Stand-ins for Daily's client libraries, for unmodified programs; they use the protocol of docs/signalling.md."""
